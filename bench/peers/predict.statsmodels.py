"""The work of bench/predict.cpp done by statsmodels, one thread.

    python3 bench/peers/predict.statsmodels.py <data folder>

Prints JSON: {"<peer>": {"<benchmark>": seconds, ...}}; medians of repeated runs.
"""

import json
import os
import statistics
import sys
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

warnings.filterwarnings("ignore")


def median_seconds(repeats, work):
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def read_series(folder, name):
    with open(os.path.join(folder, "series", name), encoding="utf-8") as file:
        return np.array([float("nan") if line.strip() == "NA" else float(line) for line in file])


def main():
    folder = sys.argv[1]
    airline = np.log(read_series(folder, "AirPassengers.txt"))
    arma = read_series(folder, "arma2000.txt")
    presidents = read_series(folder, "presidents.txt")
    rows = {}

    def sarimax(series, order, seasonal=(0, 0, 0, 0), trend=None):
        model = SARIMAX(series, order=order, seasonal_order=seasonal, trend=trend,
                        simple_differencing=True)
        return model.fit(disp=False)

    rows["arima_fit/airline"] = median_seconds(
        5, lambda: sarimax(airline, (0, 1, 1), (0, 1, 1, 12)))
    rows["arima_fit/arma2000"] = median_seconds(3, lambda: sarimax(arma, (2, 0, 1), trend="c"))
    rows["arima_fit/presidents"] = median_seconds(
        3, lambda: sarimax(presidents, (3, 0, 0), trend="c"))
    fitted = sarimax(airline, (0, 1, 1), (0, 1, 1, 12))
    rows["arima_forecast/airline"] = median_seconds(
        20, lambda: fitted.get_forecast(12).conf_int(alpha=0.2))
    rows["arima_update/arma2000"] = median_seconds(
        5, lambda one=sarimax(arma, (2, 0, 1), trend="c"): one.append([0.0]))
    passengers = read_series(folder, "AirPassengers.txt")
    rows["ets_fit/airline_MAM"] = median_seconds(
        3, lambda: ETSModel(passengers, error="mul", trend="add", seasonal="mul",
                            seasonal_periods=12).fit(disp=False))
    print(json.dumps({"statsmodels": rows}))


main()
