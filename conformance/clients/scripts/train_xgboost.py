"""XGBoost with autologging, early stopping and no run started by hand."""

import sys

import mlflow
import xgboost
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

mlflow.set_experiment(sys.argv[1])
mlflow.xgboost.autolog(model_format="json")

features, target = load_breast_cancer(return_X_y=True, as_frame=True)
x_train, x_test, y_train, y_test = train_test_split(features, target, random_state=7)
train, test = xgboost.DMatrix(x_train, y_train), xgboost.DMatrix(x_test, y_test)
xgboost.train(
    {"objective": "binary:logistic", "eval_metric": ["logloss", "auc"], "max_depth": 3, "seed": 7},
    train,
    num_boost_round=20,
    evals=[(train, "train"), (test, "test")],
    early_stopping_rounds=5,
    verbose_eval=False,
)
