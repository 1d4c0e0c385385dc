"""Webhooks: create, list, get, update, test and delete, and what is never told of them.

They are disabled, or wait for an event that no case causes, so that no server has anything to
deliver.
"""

from __future__ import annotations

import json

from ..dsl import Case, case
from .common import shape_probes
from .registry import short

PATH = "webhooks"
URL = "https://8.8.8.8/hook"
OTHER_URL = "https://[2606:4700::1]/hook"
EVENT = {"entity": "BUDGET_POLICY", "action": "EXCEEDED"}
NO_HOOK = "00000000-0000-4000-8000-000000000001"
# fmt: off
URLS = (
    URL, "https://8.8.8.8", "https://8.8.8.8/", "https://8.8.8.8:8443/a?b=c#d",
    "https://[2606:4700::1]/x",
    "HTTPS://8.8.8.8/x", "https://user:pass@8.8.8.8/x", "https://8.8.8.8/ünï x",
    " https://8.8.8.8/x",
    "https://8.8.8.8/x ", "https://8.8.8.8/\n", "https://8.8.8.8\t/x", "http://8.8.8.8/x",
    "ftp://8.8.8.8/x",
    "file:///etc/passwd", "javascript:x", "8.8.8.8/x", "//8.8.8.8/x", "x", "", " ", "https://",
    "https:///x",
    "https:8.8.8.8", "https:/8.8.8.8/x", "https://:443/x", "https://[::1/x", "https://8.8.8.8:x/",
    "https://8.8.8.8:99999/", "https://127.0.0.1/x", "https://127.1/x", "https://0177.0.0.1/x",
    "https://2130706433/x", "https://0x7f000001/x", "https://0/x", "https://0.0.0.0/x",
    "https://10.1.2.3/x",
    "https://172.16.0.1/x", "https://172.32.0.1/x", "https://192.168.1.1/x",
    "https://169.254.169.254/x",
    "https://100.64.0.1/x", "https://192.0.2.1/x", "https://198.18.0.1/x", "https://224.0.0.1/x",
    "https://240.0.0.1/x", "https://255.255.255.255/x", "https://[::1]/x", "https://[::]/x",
    "https://[fe80::1]/x", "https://[fd00::1]/x", "https://[2001:db8::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[::ffff:8.8.8.8]/x", "https://[::ffff:7f00:1]/x", "https://[64:ff9b::a00:1]/x",
    "https://[64:ff9b::808:808]/x", "https://[2002:7f00:1::]/x", "https://[2002:808:808::]/x",
    "https://[ff02::1]/x", "https://evil@127.0.0.1/x",
    "https://127.0.0.1@8.8.8.8/x", "https://8.8.8.8@127.0.0.1/x", "https://8.8.8.8#@127.0.0.1/x",
    "https://8.8.8.8\\@127.0.0.1/x", "https://127.0.0.1\\@8.8.8.8/x",
    "https://8.8.8.8/" + "x" * 484,
    "https://8.8.8.8/" + "x" * 985, "https://8.8.8.8/nul\u0000x",
)
# Their answers quote the name resolution of the machine.
HOSTS = (
    "none.invalid", "a b", "[fe80::1%25lo]", "ünï.invalid", "none..invalid", "-",
    "x" * 300 + ".invalid",
)
NAMES = (
    "a", "A", "7", "a-b", "a.b", "a_b", "a..b", "a--b", "a" * 63, "a" * 64, "", " ", "a ", " a",
    "a b",
    "-a", "a-", ".a", "a.", "_a", "a_", "a/b", "a:b", "ünï", "aü", "a\n", "a\nb", "K", "ſ",
    "a\u0000b",
)
ENTITIES = (
    "REGISTERED_MODEL", "MODEL_VERSION", "MODEL_VERSION_TAG", "MODEL_VERSION_ALIAS", "PROMPT",
    "PROMPT_VERSION", "PROMPT_TAG", "PROMPT_VERSION_TAG", "PROMPT_ALIAS", "BUDGET_POLICY",
)
ACTIONS = ("CREATED", "UPDATED", "DELETED", "SET", "EXCEEDED")
PAIRS = (
    ("REGISTERED_MODEL", "CREATED"), ("MODEL_VERSION", "CREATED"), ("MODEL_VERSION_TAG", "SET"),
    ("MODEL_VERSION_TAG", "DELETED"), ("MODEL_VERSION_ALIAS", "CREATED"),
    ("MODEL_VERSION_ALIAS", "DELETED"), ("PROMPT", "CREATED"), ("PROMPT_VERSION", "CREATED"),
    ("PROMPT_TAG", "SET"), ("PROMPT_TAG", "DELETED"), ("PROMPT_VERSION_TAG", "SET"),
    ("PROMPT_VERSION_TAG", "DELETED"), ("PROMPT_ALIAS", "CREATED"), ("PROMPT_ALIAS", "DELETED"),
    ("BUDGET_POLICY", "EXCEEDED"),
)
STATUSES = ("ACTIVE", "DISABLED", "active", "x", "", 0, 1, 2, 3, "1", "2", True, None, [], {}, 1.5)
# fmt: on


def cases() -> list[Case]:
    return [
        _create(),
        _shapes(),
        _names(),
        _urls(),
        _hosts(),
        _events(),
        _event_pairs(),
        _statuses(),
        _texts(),
        _get(),
        _list(),
        _list_limits(),
        _update(),
        _update_shapes(),
        _update_events(),
        _secrets(),
        _test(),
        _delete(),
        _methods(),
        _ajax(),
        _all(),
    ]


def _hook(c: Case, note: str = "create", **fields: object) -> Case:
    """A disabled webhook; what is None is left out."""
    body = {"name": "hook", "url": URL, "events": [EVENT], "status": "DISABLED", **fields}
    given = {key: value for key, value in body.items() if value is not None}
    return c.pause().post(PATH, given, note)


def _with_hook(name: str, **fields: object) -> Case:
    return _hook(case(name), **fields).bind("hook", "webhook.webhook_id")


def _get_hook(c: Case, note: str = "get", name: str = "hook") -> Case:
    return c.get(PATH + "/${%s}" % name, None, note)


def _create() -> Case:
    full = {"description": "words", "secret": "s3cret", "status": "ACTIVE"}
    c = _get_hook(_with_hook("create", **full))
    _hook(c, "only what it needs", status=None).bind("least", "webhook.webhook_id")
    _get_hook(c, name="least")
    _hook(c, "the same name")
    _hook(c, "empty fields", description="", secret="").bind("empty", "webhook.webhook_id")
    _get_hook(c, name="empty")
    return _hook(c, "other fields", webhook_id="mine", creation_timestamp=1, workspace="x")


def _shapes() -> Case:
    """Nothing here is made: each request has a wrong URL besides."""
    good = {"name": "hook", "url": "https://127.0.0.1/", "events": [EVENT]}
    good |= {"description": "d", "secret": "s", "status": "DISABLED"}
    return shape_probes(case("shapes"), "POST", PATH, good)


def _names() -> Case:
    c = case("names")
    for name in NAMES:
        _hook(c, f"name {short(name)}", name=name)
    return c


def _urls() -> Case:
    c = case("urls")
    for url in URLS:
        _hook(c, f"url {url[:40]!r} {len(url)}", url=url)
    return c


def _hosts() -> Case:
    c = case("hosts")
    for host in HOSTS:
        _hook(c, f"host {short(host)}", url=f"https://{host}/x")
        c.loose("quotes the machine's name resolution", host.strip("[]"))
    for host in ("localhost", "localhost.", "LOCALHOST"):
        _hook(c, f"host {host}", url=f"https://{host}/x")
        c.loose("tells the address that the machine has found", "Webhook URL")
    return c


def _events() -> Case:
    c = case("events")
    for events in (
        [],
        [EVENT, EVENT],
        [{"entity": "PROMPT", "action": "CREATED"}, EVENT],
        [EVENT, {"entity": "PROMPT", "action": "CREATED"}],
        [{}],
        [None],
        ["x"],
        [5],
        [{"entity": "PROMPT"}],
        [{"action": "CREATED"}],
        [{"entity": 5, "action": 1}],
        [{"entity": "5", "action": "1"}],
        [{"entity": 0, "action": 0}],
        [{"entity": 99, "action": 1}],
        [{"entity": "prompt", "action": "created"}],
        [{"entity": "x", "action": "CREATED"}],
        [{"entity": "PROMPT", "action": "x"}],
        [{"entity": "ENTITY_UNSPECIFIED", "action": "ACTION_UNSPECIFIED"}],
        [{"entity": None, "action": None}],
        [{"entity": [], "action": {}}],
        [{**EVENT, "other": "x"}],
        [EVENT, {"entity": "x", "action": "x"}],
        "PROMPT.CREATED",
        {},
        EVENT,
    ):
        _hook(c, f"events {json.dumps(events)}", events=events)
    every = [{"entity": entity, "action": action} for entity, action in PAIRS]
    _hook(c, "every event", events=every)
    return _hook(c, "every event, backwards", events=every[::-1])


def _event_pairs() -> Case:
    c = case("event-pairs")
    for entity in ENTITIES:
        for action in ACTIONS[::2]:
            events = [{"entity": entity, "action": action}]
            _hook(c, f"{entity} {action}", events=events)
    return c


def _statuses() -> Case:
    c = case("statuses")
    for status in STATUSES:
        _hook(c, f"status {status!r}", status=status)
    return _hook(c, "no status", status=None)


def _texts() -> Case:
    c = case("texts")
    for text in (" ", "ünï 日本 🚀\n", "x" * 1001, "nul\u0000x"):
        _hook(c, f"description {short(text)}", description=text)
        _hook(c, f"secret {short(text)}", secret=text)
    return c


def _get() -> Case:
    c = _get_hook(_with_hook("get"))
    c.get(PATH + "/${hook}", {"webhook_id": NO_HOOK}, "another in the query")
    for wrong in (
        NO_HOOK,
        "x",
        "${hook}x",
        "${hook}/",
        "%00",
        "..",
        "a%2Fb",
        "x" * 300,
        "%20${hook}",
    ):
        c.get(f"{PATH}/{wrong}", None, f"get {wrong[:20]}")
    c.get(PATH + "/${hook}/test", None, "test by GET")
    return c.get(PATH + "/", None, "no id")


def _list() -> Case:
    """The newest come first; what other cases made comes behind."""
    c = case("list")
    for number in range(4):
        _hook(c, f"create {number}", name=f"hook-{number}")
        c.bind(f"hook{number}", "webhook.webhook_id")
    for size in (1, 2, 3):
        c.get(PATH, {"max_results": size}, f"{size} newest")
    c.pause().patch(PATH + "/${hook0}", {"description": "changed"}, "a change moves none")
    c.get(PATH, {"max_results": 2}, "2 newest")
    c.send("DELETE", PATH + "/${hook3}", None, "delete the newest")
    c.get(PATH, {"max_results": 2}, "2 newest that are left")
    return c.get("/ajax-api/2.0/mlflow/" + PATH, {"max_results": 1}, "ajax")


def _list_limits() -> Case:
    c = _hook(_hook(case("list-limits")), "another")
    for size in ("1001", "-1", "x", "1.5", "null"):
        c.get(PATH, {"max_results": size}, f"max_results {size!r}")
    for token in ("x", "abcd", "e30=", "W10="):
        c.get(PATH, {"max_results": 1, "page_token": token}, f"token {token}")
    return c


def _update() -> Case:
    c = _with_hook("update", description="old", secret="s3cret")
    for change in (
        {"name": "other"},
        {"url": OTHER_URL},
        {"description": "new"},
        {"description": ""},
        {"description": None},
        {"status": "ACTIVE"},
        {"status": "DISABLED"},
        {"secret": "new"},
        {"secret": ""},
        {},
        {"name": ""},
        {"url": ""},
        {"events": []},
        {"name": "a b"},
        {"url": "https://127.0.0.1/"},
        {"url": "http://8.8.8.8/"},
        {"name": "good", "url": "https://127.0.0.1/"},
        {"name": "all", "url": URL, "description": "d", "events": [EVENT], "status": "DISABLED"},
        {"webhook_id": NO_HOOK, "name": "id-in-body"},
        {"creation_timestamp": 5, "last_updated_timestamp": 5},
    ):
        c.pause().patch(PATH + "/${hook}", change, f"update {json.dumps(change)}")
        _get_hook(c)
    for wrong in (NO_HOOK, "x"):
        c.patch(f"{PATH}/{wrong}", {"name": "x"}, f"update {wrong[:12]}")
        c.patch(f"{PATH}/{wrong}", {"name": "a b"}, f"update {wrong[:12]} to a bad name")
    return c


def _update_shapes() -> Case:
    c = _with_hook("update-shapes", description="d")
    good = {"name": "n", "url": URL, "events": [EVENT], "description": "d", "status": "DISABLED"}
    shape_probes(c, "PATCH", PATH + "/${hook}", good)
    return _get_hook(c)


def _update_events() -> Case:
    c = _with_hook("update-events")
    for entities in (("PROMPT", "REGISTERED_MODEL"), ("PROMPT",), ("PROMPT", "PROMPT"), ("x",)):
        events = [{"entity": entity, "action": "CREATED"} for entity in entities]
        c.patch(PATH + "/${hook}", {"events": events}, f"events {entities}")
        _get_hook(c)
    return c


def _secrets() -> Case:
    """A secret is never told, however one asks for it."""
    c = _with_hook("secrets", secret="tell-nobody-1")
    _get_hook(c)
    c.patch(PATH + "/${hook}", {"secret": "tell-nobody-2"}, "update")
    c.get(PATH, {"max_results": 1}, "list")
    return c.patch(PATH + "/${hook}", {"secret": ["tell-nobody-3"]}, "wrong one")


def _test() -> Case:
    """Only what is refused: a call that nobody answers takes the real server 20 seconds."""
    c = _with_hook("test")
    test = PATH + "/${hook}/test"
    for event in (
        {},
        {"entity": "x", "action": "CREATED"},
        {"entity": "PROMPT", "action": "DELETED"},
        {"entity": "PROMPT"},
        5,
        "x",
    ):
        c.post(test, {"event": event}, f"test with event {json.dumps(event)}")
    c.send("POST", test, b"", "nothing, no type")
    c.post(f"{PATH}/{NO_HOOK}/test", {}, "no such webhook")
    event = {"entity": "PROMPT", "action": "SET"}
    return c.post(f"{PATH}/{NO_HOOK}/test", {"event": event}, "nor event")


def _delete() -> Case:
    c = _with_hook("delete", secret="s3cret")
    c.send("DELETE", PATH + "/${hook}", None, "delete")
    c.send("DELETE", PATH + "/${hook}", None, "delete again")
    _get_hook(c, "deleted")
    c.patch(PATH + "/${hook}", {"name": "x"}, "update deleted")
    c.post(PATH + "/${hook}/test", {}, "test deleted")
    _hook(c, "create another").bind("other", "webhook.webhook_id")
    c.delete(PATH + "/${other}", {"webhook_id": NO_HOOK}, "delete with a body")
    _get_hook(c, "deleted, too", "other")
    return c.send("DELETE", f"{PATH}/{NO_HOOK}", None, "delete what never was")


def _methods() -> Case:
    c = _with_hook("methods")
    for path in (PATH, PATH + "/${hook}", PATH + "/${hook}/test"):
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            if (method, path) not in (
                ("DELETE", PATH + "/${hook}"),
                ("POST", PATH + "/${hook}/test"),
            ):
                c.send(method, path, b"", f"{method} {path}")
    for path in ("create", "list", "${hook}/create", "${hook}/test/x"):
        c.get(f"{PATH}/{path}", None, f"GET {path}")
    return c


def _ajax() -> Case:
    ajax = "/ajax-api/2.0/mlflow/" + PATH
    body = {"name": "hook", "url": URL, "events": [EVENT], "status": "DISABLED"}
    c = case("ajax").post(ajax, body).bind("hook", "webhook.webhook_id")
    c.get(ajax + "/${hook}").patch(ajax + "/${hook}", {"description": "d"})
    c.post(ajax + "/${hook}/test", {"event": {"entity": "PROMPT", "action": "SET"}})
    return c.send("DELETE", ajax + "/${hook}")


def _all() -> Case:
    c = case("all").fresh()
    c.get(PATH, None, "none")
    for number in range(5):
        _hook(c, f"create {number}", name=f"hook-{number}")
    c.get(PATH, None, "all")
    for size in ("0", "", "5", "1000", "1e2", "2147483648", "9223372036854775808"):
        c.get(PATH, {"max_results": size}, f"max_results {size!r}")
    return c.get(PATH, {"max_results": 2}, "pages").pages()
