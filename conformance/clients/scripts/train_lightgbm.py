"""LightGBM with autologging and an evaluation of the result."""

import sys

import lightgbm
import mlflow
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

mlflow.set_experiment(sys.argv[1])
mlflow.lightgbm.autolog()

features, target = load_diabetes(return_X_y=True, as_frame=True)
x_train, x_test, y_train, y_test = train_test_split(features, target, random_state=7)
train = lightgbm.Dataset(x_train, y_train)
test = lightgbm.Dataset(x_test, y_test, reference=train)

with mlflow.start_run(run_name="boosting", tags={"team": "tabular"}):
    booster = lightgbm.train(
        {
            "objective": "regression",
            "metric": ["l2", "l1"],
            "num_threads": 1,
            "seed": 7,
            "deterministic": True,
            "verbosity": -1,
            "learning_rate": 0.2,
        },
        train,
        num_boost_round=12,
        valid_sets=[train, test],
        valid_names=["train", "test"],
    )
    mlflow.log_metric("after training", float(booster.predict(x_test).mean()))
