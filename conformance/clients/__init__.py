"""Black-box conformance: the real MLflow Python clients against the server at MILLRACE_URL.

Every test passes on a real MLflow 3.17.2 server. One which does not is a wrong test.
"""
