"""Intended differences in the model registry; see known_differences.py."""

from __future__ import annotations

from .known import BODY, ERROR, MESSAGE, NUL, PAGE, REFUSED, TOKEN, WRONG, Known

NOUNS = (
    "registered_models",
    "model_versions",
    "search_registered_models",
    "search_model_versions",
    "webhooks",
)

REGISTRY: tuple[Known, ...] = (
    *(
        Known(f"{noun}/*", PAGE | ERROR, "wrong-values", "drops the value and what follows", WRONG)
        for noun in NOUNS
    ),
    *(
        Known(f"{noun}/*", PAGE | ERROR, "nul-characters", "depends on the database", NUL)
        for noun in ("registered_models", "model_versions", "webhooks")
    ),
    *(
        Known(f"registered_models/bodies/* {kind}", PAGE, "unreadable-bodies", "fails")
        for kind in ("array", "number", "string")
    ),
    *(
        Known(where, REFUSED, "wrong-values", "what was refused is not there")
        for where in (
            "registered_models/create-tags/26 GET get 12",
            "model_versions/create-tags/* GET all versions",
        )
    ),
    *(
        Known(where, BODY, "nul-characters", "what was refused is not there")
        for where in (
            "registered_models/tag-values/12 GET *",
            "model_versions/tag-values/14 GET *",
        )
    ),
    *(
        Known(where, ERROR, "registry-mistakes", "integer overflow")
        for where in (
            "model_versions/version-spellings/* '99999999999999999999'",
            "registry_artifacts/get/* GET version '99999999999999999999'",
        )
    ),
    *(
        Known(f"model_stages/archive/* POST archive at {stage}", ERROR, "registry-mistakes", "500")
        for stage in ("Archived", "None", "archived")
    ),
    Known(
        "model_versions/lineage/33 POST of a deleted logged model", ERROR, "registry-mistakes", ""
    ),
    Known(
        "model_versions/create-shapes/* GET all versions",
        BODY,
        "unknown-logged-models",
        "is stored",
    ),
    *(
        Known(f"model_sources/local/* POST * {source}", PAGE | ERROR, "registry-mistakes", "fails")
        for source in ("'file://evil.example/x' 21", "'/tmp/*00x' *")
    ),
    Known(
        "registered_models/long/* name of 1000", REFUSED, "registry-names", "takes any on SQLite"
    ),
    Known("registry_artifacts/get/* GET without version", ERROR, "artifacts-of-versions", "fails"),
    Known(
        "registry_artifacts/of-runs/* GET MLmodel of *", PAGE | ERROR, "artifacts-of-versions", ""
    ),
    Known("registry_artifacts/hostile/* GET get xxxx*", PAGE, "unstorable-paths", "500"),
    *(
        Known(
            f"registry_artifacts/elsewhere/* GET MLmodel of {version}",
            ERROR,
            "artifact-locations",
            "",
        )
        for version in "23"
    ),
    Known("prompts/register/* GET artifact", ERROR, "artifact-locations", "reads its own folder"),
    *(
        Known(
            f"search_registered_models/bad/* GET filter {text}", fields, "search-mistakes", reason
        )
        for text, fields, reason in (
            ("'name IN (x)'", PAGE, "fails"),
            ("\"name = ('a')\"", ERROR, "BAD_REQUEST"),
            ("\"name LIKE ('a')\"", ERROR, "BAD_REQUEST"),
            ("\"name IN ('a' 'b')\"", REFUSED, "an empty page"),
            ("\"name IN ('a', ('b'))\"", REFUSED, "an empty page"),
        )
    ),
    *(
        Known(f"{noun}/bad/* IS *NULL'", PAGE, "search-mistakes", "fails")
        for noun in ("search_registered_models", "search_model_versions")
    ),
    *(
        Known(f"{noun}/orders/* GET order {order}", ERROR, "search-mistakes", "fails with 500")
        for noun, order in (
            ("search_registered_models", '["name", "name DESC"]'),
            ("search_registered_models", '["timestamp", "last_updated_timestamp"]'),
            ("search_model_versions", '["name", "name DESC"]'),
            ("search_model_versions", '["version_number", "version_number"]'),
        )
    ),
    Known(
        "search_registered_models/limits/* '0'", BODY, "search-mistakes", "a page of none, and on"
    ),
    Known("search_registered_models/limits/* '-?'", REFUSED, "search-mistakes", "cuts the page"),
    Known("search_registered_models/limits/* '1e2'", PAGE, "search-mistakes", "fails"),
    *(
        Known(f"{noun}/tokens/* GET token *", PAGE, "page-tokens", "a token counts rows", TOKEN)
        for noun in ("search_registered_models", "search_model_versions")
    ),
    Known("search_model_versions/bad/* '*99999999999*'", REFUSED, "large-numbers", "overflow"),
    Known('search_model_versions/bad/* "*99999999999*"', REFUSED, "large-numbers", "overflow"),
    Known(
        "search_model_versions/prompt-versions/* after the prompt's was deleted",
        BODY,
        "deleted-prompts",
        "its tags still count",
    ),
    Known('webhooks/shapes/* events=""', MESSAGE, "wrong-values", "the empty string is missing"),
    *(
        Known(f"webhooks/urls/* POST url {url}", REFUSED, "webhook-targets", "takes it")
        for url in (
            r"'https://8.8.8.8\t/x' *",
            "'https://8.8.8.8:x/' *",
            "'https://8.8.8.8:99999/' *",
            "'https://224.0.0.1/x' *",
            "'https://?ff02::1]/x' *",
            "'https://127.0.0.1*@8.8.8.8/x' 28",
        )
    ),
    Known("webhooks/*events/*", PAGE, "webhook-events", "fails", r".*'events\[\d\]\.\w+'.*"),
    Known("webhooks/test/*", PAGE, "webhook-events", "fails", r".*'event\.\w+'.*"),
    Known("webhooks/list-limits/* GET token W10=", PAGE, "page-tokens", "fails", TOKEN),
)
