"""Differences from the reference that are intended.

Each names the entry of docs/differences.md that explains it to users. An entry that no longer
meets any difference fails the run, so this list cannot rot.
"""

from __future__ import annotations

from .known import BODY, CLASS, ERROR, MESSAGE, NUL, PAGE, REFUSED, TOKEN, WRONG, Known
from .known_registry import REGISTRY

KNOWN: tuple[Known, ...] = (
    *(
        Known(f"wire/{where}", PAGE, "unreadable-bodies", "500 with a Python traceback in the log")
        for where in (
            "bodies/* POST array*",
            "bodies/* POST number",
            "bodies/* POST true",
            "bodies/* POST string*",
            "bodies/* POST empty string",
            "bodies/* POST encoded thrice",
            "log-batch-bodies/0? POST *",
            "log-batch-bodies/1? POST *",
            "log-batch-bodies/21 POST latin1",
            "log-batch-bodies/2? POST control character",
            "log-batch-bodies/2? POST raw newline",
            "log-batch-bodies/3? POST form",
            "log-batch-bodies/3? POST xml",
            "log-batch-bodies/3? POST nul after",
            "create-bodies/* POST number",
            "create-bodies/* POST true",
            "create-bodies/* POST * array",
            "create-bodies/* POST * number",
            "floats/* POST batch *",
        )
    ),
    *(
        Known(f"{noun}/*", PAGE | ERROR, "wrong-values", "drops the value and what follows", WRONG)
        for noun in (
            "experiments",
            "runs",
            "log_batch",
            "metrics",
            "metric_history",
            "wire",
        )
    ),
    *(
        Known(where, frozenset({"bind"}), "wrong-values", "what is refused cannot be looked at")
        for where in ("runs/times/20 POST start 9223372036854775808 (bind)",)
    ),
    *(
        Known(
            where, frozenset({"body"}), "wrong-values", "what was refused is not there afterwards"
        )
        for where in ("log_batch/pair-items/33 GET runs/get",)
    ),
    Known("metrics/shapes/41 * timestamp=*", ERROR, "wrong-values", "calls it wrong, not missing"),
    Known("metrics/times/25 POST timestamp *", ERROR, "wrong-values", "as above"),
    Known(
        "log_batch/shapes/* *=null", PAGE, "null-lists", "500 with a Python traceback in the log"
    ),
    *(
        Known(where, ERROR, "run-uuid", "says run '' is not there")
        for where in (
            "runs/delete-restore/* by run_uuid",
            "tags/shapes/* by run_uuid",
            "log_batch/shapes/* by run_uuid",
        )
    ),
    *(
        Known(f"metrics/values/{where}", frozenset({"body"}), "not-finite-numbers", "stored 0")
        for where in ("* GET got *", "65 GET runs/get")
    ),
    Known("wire/bodies/38 POST any field", PAGE | ERROR, "wrong-values", "loses every field"),
    Known("wire/log-batch-bodies/38 POST any field", PAGE | ERROR, "wrong-values", "as above"),
    Known(
        "wire/origins/82 PUT *",
        frozenset({"header Access-Control-Allow-Origin"}),
        "origin-case",
        "spells it in lower case on other routes only",
    ),
    Known("wire/parse-stops/*", PAGE | ERROR, "wrong-values", "drops the value and what follows"),
    *(
        Known(f"wire/floats/* {where}", PAGE | ERROR, "not-finite-numbers", "stores 0 instead")
        for where in ("POST value * before all", "GET runs/get")
    ),
    Known("wire/gzip/11 POST chunked", ERROR, "chunked-json", "reads no body without a length"),
    *(
        Known(f"{noun}/*", PAGE | ERROR, "nul-characters", "depends on the database", NUL)
        for noun in ("experiments", "runs", "metrics", "params", "tags", "wire")
    ),
    *(
        Known(where, frozenset({"bind"}), "nul-characters", "what is refused cannot be looked at")
        for where in ("experiments/names/15 POST nul (bind)", "runs/names/24 POST *nul* (bind)")
    ),
    *(
        Known(where, frozenset({"body"}), "nul-characters", "what was refused is not there")
        for where in ("tags/values/22 GET runs/get", "params/values/29 GET runs/get")
    ),
    Known("log_batch/partial/09 *", frozenset({"body"}), "whole-batches", "stores what it can"),
    Known("wire/deep/* 5000 deep, *", PAGE, "deep-json", "runs out of stack"),
    Known("wire/response-headers/03 HEAD *", frozenset({"status"}), "head-requests", "as above"),
    *(
        Known(f"{where} HEAD /health", frozenset({"type"}), "head-requests", "as above")
        for where in ("wire/response-headers/06", "server/about/03")
    ),
    Known(
        "wire/*/* /graphql*", PAGE | ERROR | {"allow"}, "graphql", "takes POST, and no empty query"
    ),
    Known("wire/paths/* /api/2.0/mlflow/unified-traces", PAGE | {"allow"}, "endpoints-to-come", ""),
    Known("wire/paths/* *get-online-trace-details", PAGE | {"allow"}, "endpoints-to-come", ""),
    *(
        Known(
            f"{case}/*server-info*", frozenset({"body"}), "endpoints-to-come", "no AI gateway yet"
        )
        for case in ("wire/workspace", "wire/response-headers", "server/about")
    ),
    *(
        Known(f"logged_models/{where}", PAGE | ERROR, "wrong-values", "drops what follows")
        for where in (
            "create-shapes/* POST * params=[*x*]",
            "create-shapes/* POST * tags=[*x*]",
            "tags/* PATCH tags [null]",
            "tags/* PATCH tags [*x*]",
            "tags/* PATCH tags [*5}]",
            "tags/3? GET *",
            "params/* POST params [null]",
            "params/* POST params [*5, *]",
        )
    ),
    Known("logged_models/finalize/* PATCH status *", PAGE, "model-status", "UNSPECIFIED"),
    Known("logged_models/finalize/1? GET *", REFUSED, "model-status", "as above"),
    Known("logged_models/finalize/2? GET *", REFUSED, "model-status", "as above"),
    Known("logged_models/finalize/* PATCH other model in *", REFUSED, "path-decides", "the body"),
    Known("logged_models/metrics/* GET with NaN", REFUSED, "nan-of-a-model", "stores 0 instead"),
    Known("logged_models/params/05 *", REFUSED, "repeated-writes", "database error"),
    *(
        Known(f"inputs_outputs/{where}", REFUSED | ERROR, "wrong-values", "drops what follows")
        for where in (
            "dataset-fields/* POST *=5",
            "dataset-fields/* POST *=true",
            "dataset-fields/* POST *=[]",
            "dataset-fields/* POST *={}",
            "dataset-fields/5? POST entry *",
            "dataset-fields/60 GET *",
            "tags/1? POST tag *",
            "tags/17 GET *",
            "shapes/* POST *=[*x*]",
            "shapes/70 GET *",
            "models/1? POST *",
            "outputs/1? POST *",
        )
    ),
    Known("inputs_outputs/shapes/* by run_uuid", ERROR, "run-uuid", "says run '' is not there"),
    Known("inputs_outputs/outputs/05 *", REFUSED, "repeated-writes", "database error"),
    Known("log_model/shapes/2? POST model_json=*", PAGE, "malformed-models", "fails"),
    Known("log_model/missing/* POST flavors a number", PAGE, "malformed-models", "fails"),
    Known("log_model/shapes/* by run_uuid", ERROR, "run-uuid", "says run '' is not there"),
    *(
        Known(f"search_datasets/{where}", MESSAGE, "wrong-values", "takes it for none")
        for where in (
            "search/* POST experiment_ids ${exp}",
            "search/* POST experiment_ids [5]",
            "search/* POST experiment_ids [None]",
            "search/* POST experiment_ids {}",
            "shapes/* POST *experiment_ids=*",
        )
    ),
    Known("experiments/ids/* POST run in *", REFUSED | ERROR, "experiment-ids", "echoes the form"),
    Known("experiments/ids/26 GET get *", ERROR, "experiment-ids", "integer overflow"),
    Known("experiments/ids/28 POST tag *", ERROR, "experiment-ids", "integer overflow"),
    Known("runs/create-tags/06 POST long key", REFUSED, "long-tag-keys", "depends on the database"),
    *(
        Known(where, ERROR, "run-uuid", "says run '' is not there")
        for where in (
            "runs/delete-restore/* by run_uuid",
            "log_batch/shapes/* by run_uuid",
        )
    ),
    Known("metric_history/paging/* GET token *", ERROR, "page-tokens", "fails on a token"),
    Known("metric_history/ties/11 GET *", REFUSED, "nan-in-bulk-histories", "no JSON"),
    Known("metric_history/bulk/* GET max_results '-1'", REFUSED, "negative-results", "cuts it"),
    *(
        Known(f"artifacts/{where}", PAGE, "unstorable-paths", "500 with a Python traceback")
        for where in (
            "round-trip/15 PUT put over a directory",
            "round-trip/16 PUT put below a file",
            "hostile-put/* PUT put .",
            "hostile-put/* PUT put %2e",
            "hostile-put/62 PUT put xxxx*",
            "hostile-get/64 GET get xxxx*",
            "get-artifact-hostile/63 GET get xxxx*",
        )
    ),
    *(
        Known(f"artifacts/hostile-put/* PUT put {path}", ERROR, "unstorable-paths", "500")
        for path in ("*etc*passwd", "a/./b", "./a", "s3:*")
    ),
    Known(
        "artifacts/conditions-of-a-run/* GET If-Match *",
        PAGE | {"header Content-Length"},
        "if-match",
        "a 412 with the file",
    ),
    Known("artifacts/multipart/15 POST complete *", ERROR, "multipart-complete", "path first"),
    *(
        Known(f"artifacts/presigned/* expiration={value}", PAGE | ERROR, "wrong-values", "drops it")
        for value in ("1.5", "true", "[]", "{}", "[*x*]", "{*k*}")
    ),
    *(
        Known(f"{noun}/*", PAGE | ERROR, "wrong-values", "drops the value and what follows", WRONG)
        for noun in ("search_experiments", "search_runs", "search_logged_models")
    ),
    Known('search_logged_models/shapes/* experiment_ids=""', MESSAGE, "wrong-values", "empty"),
    *(
        Known(f"{where} token *", REFUSED | ERROR, "page-tokens", "a token counts rows", TOKEN)
        for where in ("search_runs/tokens/*", "search_experiments/pages/*")
    ),
    *(
        Known(f"search_logged_models/{where}", PAGE, "page-tokens", "fails", TOKEN)
        for where in ("tokens/* POST token *", 'shapes/* page_token="text"')
    ),
    *(
        Known(f"search_runs/{where}", ERROR, "search-mistakes", "fails with 500")
        for where in (
            "malformed/* POST filter 'run_id IN (x)'",
            'orders/* POST *order ["status DESC", "status"]',
            'orders/* POST *order ["metrics.loss", "metric.loss DESC"]',
        )
    ),
    Known("search_runs/shapes/* max_results=null", PAGE, "absent-numbers", "fails"),
    Known("search_runs/max-results/* max_results None", PAGE, "absent-numbers", "fails"),
    Known("search_runs/malformed/* > 999999*", REFUSED, "large-numbers", "fails with 500"),
    *(
        Known(f"search_logged_models/filters/* POST filter {where}", fields, "search-mistakes", "")
        for where, fields in (
            ("\"creation_time = 'x'\"", ERROR),
            ("\"creation_time > '5'\"", ERROR),
            ("\"metrics.acc > '0.3'\"", ERROR),
            ("'metrics.acc > x'", ERROR),
            ("\"attributes.unknown = 'x'\"", ERROR),
            ("\"Name = 'm0-name'\"", ERROR),
            ("'name IN (5)'", ERROR),
            ("\"metadata = 'x'\"", REFUSED),
            ("\"tags = 'x'\"", ERROR),
        )
    ),
    Known('search_logged_models/orders/* POST order *"tags"}]', ERROR, "search-mistakes", "fails"),
    Known("search_logged_models/orders/*", CLASS, "error-classes", "KAM04"),
    Known("search_logged_models/max-results/* -1", REFUSED, "search-mistakes", "an empty page"),
    *(
        Known(f"search_logged_models/{where}", BODY, "model-search", reason)
        for where, reason in (
            ("filters/* POST filter 'name = \"m0-name\"'", "the quotes belong to the value"),
            ("filters/* POST filter \"status = '*READY'\"", "knows numbers only"),
            ("orders/* POST order *`acc`*", "the backticks belong to the key"),
            ('datasets/* POST datasets [{"dataset_name": "d"}] *', "no digest means none logged"),
            ('datasets/* POST datasets [{"dataset_name": "d"}, {*', "as above"),
        )
    ),
    Known("search_logged_models/nan/*", BODY, "nan-of-a-model", "stores 0 instead"),
    *REGISTRY,
)
