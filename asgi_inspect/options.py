"""Every setting of an inspection, with its default; the command line and the Python interface share them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from .recording import KEPT_BYTES
from .servers.uvicorn import PARSERS
from .websocket_client import Said, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a capture is inspected. Raises ValueError for a value that makes no sense.

    Names are those of the command line with underscores for dashes, `from_` for --from. Sizes are
    bytes, times are seconds. `parser` None means httptools, as uvicorn picks, with h11 run beside it
    so that a disagreement is reported; "both" keeps the two. `app` is "module:attribute", a path
    "file.py:attribute", or the application itself; without it nothing is called. `source` names the
    input in messages. `date` fixes the date header of the response (an IMF-fixdate); None takes the
    time of the run. `ws_text`, `ws_bytes` (hexadecimal) and `ws_json` are messages of a WebSocket's client,
    `ws_script` lines of JSON that may wait, ping and close too (websocket_client.py). `http2` adds to each
    request of HTTP/1 how it would look over HTTP/2; a connection that begins with HTTP/2's preface is read as
    HTTP/2 unless `parser` names another. `redact` hides secrets in everything that is told, `redact_field`
    names more of them; None means to hide where any is named.
    """

    source: str = "request"
    from_: str = "auto"
    strict_bytes: bool = False
    connection: int | None = None
    body: bytes | None = None
    parser: str | None = None
    http2: bool = False
    read_size: int = 65536
    client: str = "127.0.0.1:12345"
    server: str = "127.0.0.1:8000"
    scheme: str = "http"
    root_path: str = ""
    proxy_headers: bool = True
    forwarded_allow_ips: str = "127.0.0.1,::1"
    app: Any = None
    app_dir: str = ""
    factory: bool = False
    interface: str = "auto"
    lifespan: str = "auto"
    loop: str = "auto"
    env_file: str | None = None
    date_header: bool = True
    server_header: bool = True
    header: Sequence[str] = ()
    date: str | None = None
    timeout: float = 10.0
    disconnect_after: int | None = None
    body_limit: int = KEPT_BYTES
    ws_text: Sequence[str] = ()
    ws_bytes: Sequence[str] = ()
    ws_json: Sequence[str] = ()
    ws_script: Sequence[str] = ()
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    redact: bool | None = None
    redact_field: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in _STRINGS:
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name} must be a string, not {type(getattr(self, name)).__name__}")
        self._one_of("parser", (None, *PARSERS, "both"))
        self._one_of("scheme", ("http", "https"))
        self._one_of("interface", ("auto", "asgi3", "asgi2", "wsgi"))
        self._one_of("lifespan", ("auto", "on", "off"))
        self._one_of("loop", ("auto", "asyncio", "uvloop"))
        self._at_least("read_size", 1)
        self._at_least("body_limit", 0)
        if not isinstance(self.timeout, int | float):
            raise TypeError(f"timeout must be a number of seconds, not {type(self.timeout).__name__}")
        if not self.timeout > 0:
            raise ValueError(f"timeout must be more than 0 seconds, not {self.timeout!r}")
        if self.disconnect_after is not None:
            self._at_least("disconnect_after", 0)
        address(self.client, "client")
        address(self.server, "server")
        for name in ("header", "ws_text", "ws_bytes", "ws_json", "ws_script", "select", "ignore", "redact_field"):
            listed = getattr(self, name)
            if isinstance(listed, str) or not all(isinstance(item, str) for item in listed):
                raise TypeError(f"{name} must be a list of strings, not {listed!r}")
        for line in self.header:
            if ":" not in line:
                raise ValueError(f"header must be NAME:VALUE, not {line!r}")
            if max(line) > "\xff":
                raise ValueError(f"header must be text in Latin-1, as uvicorn takes it, not {line!r}")
        for field in self.redact_field:
            if not any(map(str.isalnum, field)):
                raise ValueError(f"redact_field must be the name of a header or a field, not {field!r}")
        self.script()

    @property
    def hides_secrets(self) -> bool:
        """Whether what is told is redacted."""
        return bool(self.redact_field) if self.redact is None else self.redact

    def script(self) -> tuple[Said, ...]:
        """What a WebSocket's client says beyond the capture. Raises ValueError."""
        return said(texts=self.ws_text, binaries=self.ws_bytes, values=self.ws_json, script=self.ws_script)

    def _one_of(self, name: str, allowed: tuple[str | None, ...]) -> None:
        value = getattr(self, name)
        if value not in allowed:
            known = ", ".join(str(item) for item in allowed if item)
            raise ValueError(f"{name} must be one of {known}, not {value!r}")

    def _at_least(self, name: str, least: int) -> None:
        value = getattr(self, name)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ValueError(f"{name} must be a number of at least {least}, not {value!r}")


_STRINGS = (
    "source",
    "from_",
    "client",
    "server",
    "scheme",
    "root_path",
    "forwarded_allow_ips",
    "app_dir",
    "interface",
    "lifespan",
    "loop",
)


def address(text: str, name: str) -> tuple[str, int]:
    """HOST:PORT, with brackets around an IPv6 host. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ValueError(f"{name} must be HOST:PORT with a port up to 65535, not {text!r}")
    return (host[1:-1] if host.startswith("[") and host.endswith("]") else host), int(port)


def names() -> tuple[str, ...]:
    """The names of all options."""
    return tuple(field.name for field in fields(Options))
