"""Scikit-learn with autologging: a pipeline with a score, then a grid search."""

import sys

import mlflow
from sklearn import metrics
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

mlflow.set_experiment(sys.argv[1])
mlflow.sklearn.autolog()

features, target = load_iris(return_X_y=True, as_frame=True)
x_train, x_test, y_train, y_test = train_test_split(features, target, random_state=7)

with mlflow.start_run(run_name="pipeline"):
    pipeline = Pipeline(
        [("scale", StandardScaler()), ("classify", LogisticRegression(C=0.5, random_state=7))]
    )
    pipeline.fit(x_train, y_train)
    pipeline.score(x_test, y_test)
    metrics.f1_score(y_test, pipeline.predict(x_test), average="macro")

with mlflow.start_run(run_name="search"):
    search = GridSearchCV(
        RandomForestClassifier(random_state=7),
        {"n_estimators": [3, 9], "max_depth": [1, 3]},
        cv=3,
    )
    search.fit(x_train, y_train)
