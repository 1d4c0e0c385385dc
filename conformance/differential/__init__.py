"""Differential test: the same raw HTTP requests to a reference MLflow server and to Millrace.

Whatever the two answer differently, after renaming the values a server makes up itself, is a
difference that has to be fixed or explained in known_differences.py.
"""
