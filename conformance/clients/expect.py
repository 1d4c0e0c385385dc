"""What tests expect of the client: its version, and errors told by code."""

from __future__ import annotations

import contextlib
from typing import Iterator

import mlflow
import pytest
from mlflow.exceptions import MlflowException
from packaging.version import Version

mlflow_3 = pytest.mark.skipif(
    Version(mlflow.__version__).major < 3, reason="the API came with client 3"
)


@contextlib.contextmanager
def error(code: str, *mentioned: str) -> Iterator[None]:
    """The client raises MlflowException with this code, and a message that mentions the words."""
    with pytest.raises(MlflowException) as caught:
        yield
    assert caught.value.error_code == code, str(caught.value)
    for word in mentioned:
        assert word in str(caught.value)
