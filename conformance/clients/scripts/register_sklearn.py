"""Scikit-learn: train twice under one name, make the better one the champion, and ask it."""

import sys

import mlflow
from mlflow import MlflowClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

NAME = f"{sys.argv[1]} flowers"

mlflow.set_experiment(sys.argv[1])
features, target = load_iris(return_X_y=True, as_frame=True)
x_train, x_test, y_train, y_test = train_test_split(features, target, random_state=3)

scores = {}
for version, strength in (("1", 0.001), ("2", 10)):
    with mlflow.start_run(run_name=f"C is {strength}"):
        classifier = LogisticRegression(C=strength, max_iter=1000).fit(x_train, y_train)
        scores[version] = classifier.score(x_test, y_test)
        mlflow.log_param("C", strength)
        mlflow.log_metric("accuracy", scores[version])
        mlflow.sklearn.log_model(
            classifier,
            artifact_path="model",
            pip_requirements=["scikit-learn"],
            registered_model_name=NAME,
        )

client = MlflowClient()
best = max(scores, key=scores.get)
client.update_registered_model(NAME, "Tells flowers apart.")
client.set_registered_model_tag(NAME, "task", "classification")
client.set_model_version_tag(NAME, best, "accuracy", f"{scores[best]:.3f}")
client.set_registered_model_alias(NAME, "champion", best)

champion = mlflow.pyfunc.load_model(f"models:/{NAME}@champion")
mistakes = int((champion.predict(x_test) != y_test).sum())
client.update_model_version(NAME, best, f"Wrong about {mistakes} of {len(y_test)}.")
