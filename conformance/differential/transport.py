"""Plain HTTP without a client's corrections: paths, headers and bodies go out as written."""

from __future__ import annotations

import dataclasses
import http.client
import urllib.parse

TIMEOUT_SECONDS = 120


@dataclasses.dataclass(frozen=True)
class Reply:
    """What came back, with header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def mime(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


class Server:
    """One of the two servers under comparison."""

    def __init__(self, base_url: str) -> None:
        parts = urllib.parse.urlsplit(base_url)
        self.base_url = base_url.rstrip("/")
        self._host = parts.hostname or "localhost"
        self._port = parts.port or 80
        self._prefix = parts.path.rstrip("/")

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Reply:
        """One request on its own connection, so that no answer can leak into the next step."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            given = {name.lower() for name in headers}
            connection.putrequest(
                method, self._prefix + path, skip_host="host" in given, skip_accept_encoding=True
            )
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None and not {"content-length", "transfer-encoding"} & given:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            merged: dict[str, str] = {}
            for name, value in response.getheaders():
                key = name.lower()
                merged[key] = f"{merged[key]}, {value}" if key in merged else value
            return Reply(response.status, merged, response.read())
        except (http.client.HTTPException, OSError) as error:
            return Reply(0, {}, f"no HTTP answer: {type(error).__name__}".encode())
        finally:
            connection.close()
