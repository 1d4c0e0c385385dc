"""The cases, one module per noun; each has a `cases()` that builds its list anew."""

import importlib

# fmt: off
_NAMES = (
    "experiments", "runs", "log_batch", "metrics", "params", "tags", "metric_history",
    "inputs_outputs", "log_model", "logged_models", "search_experiments", "search_runs",
    "search_logged_models", "search_datasets", "artifacts", "registered_models", "model_versions",
    "model_aliases", "model_stages", "model_sources", "prompts", "search_registered_models",
    "search_model_versions", "registry_artifacts", "webhooks", "wire", "server",
)
# fmt: on

NOUNS = {name: importlib.import_module(f"{__name__}.{name}").cases for name in _NAMES}
