"""Runs MLflow projects on a Millrace server."""
