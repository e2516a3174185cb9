"""The work of bench/predict_learners.cpp done by PyTorch, one thread.

    python3 bench/peers/predict_learners.torch.py <data folder>

Prints JSON: {"<peer>": {"<benchmark>": seconds, ...}}; medians of repeated runs.
"""

import json
import math
import statistics
import time

import torch


def median_seconds(repeats, work):
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(1, 32, batch_first=True)
        self.head = torch.nn.Linear(32, 1)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    count, window, batch = 2000, 48, 32
    steps = torch.arange(count + window + 1, dtype=torch.float32)
    series = (torch.sin(2 * math.pi * steps / 24) + torch.sin(2 * math.pi * steps / 168)
              + 0.1 * torch.randn(len(steps)))
    x = torch.stack([series[i:i + window] for i in range(count)]).unsqueeze(-1)
    y = torch.stack([series[i + window:i + window + 1] for i in range(count)])
    network = Network()
    optimiser = torch.optim.Adam(network.parameters(), lr=0.005)

    def epoch():
        for i in range(0, count, batch):
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(network(x[i:i + batch]), y[i:i + batch]).backward()
            optimiser.step()

    epoch()
    rows = {"lstm_epoch/windows": median_seconds(3, epoch)}
    with torch.no_grad():
        rows["lstm_window/48"] = median_seconds(50, lambda: network(x[:1]))
        rows["lstm_step/1"] = median_seconds(50, lambda: network(x[:1, :1]))
    print(json.dumps({"torch": rows}))


main()
