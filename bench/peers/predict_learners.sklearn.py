"""The work of bench/predict_learners.cpp done by scikit-learn, one thread.

    python3 bench/peers/predict_learners.sklearn.py <data folder>

Prints JSON: {"<peer>": {"<benchmark>": seconds, ...}}; medians of repeated runs.
"""

import gzip
import json
import os
import statistics
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LinearRegression


def median_seconds(repeats, work):
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def read_table(folder, name):
    with gzip.open(os.path.join(folder, "ml", name), "rt") as file:
        table = np.loadtxt(file, delimiter=",")
    return table[:, 1:], table[:, 0]


def main():
    x, y = read_table(sys.argv[1], "friedman1_train.csv.gz")
    rows = {}
    forest = RandomForestRegressor(n_estimators=100, max_features=3, n_jobs=1, random_state=1)
    rows["forest_train/exact"] = median_seconds(1, lambda: forest.fit(x, y))
    one = x[:1]
    rows["forest_predict/row"] = median_seconds(20, lambda: forest.predict(one))
    boosting = HistGradientBoostingRegressor(
        max_iter=100, learning_rate=0.1, max_leaf_nodes=31, early_stopping=False)
    rows["boosting_train/friedman"] = median_seconds(3, lambda: boosting.fit(x, y))
    rows["regression_fit/friedman"] = median_seconds(5, lambda: LinearRegression().fit(x, y))
    print(json.dumps({"scikit-learn": rows}))


main()
