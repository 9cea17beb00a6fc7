"""What uvicorn puts into a scope, whatever parses: addresses, root_path, proxy headers, upgrades.

Seen in uvicorn 0.54.0 (protocols/http, middleware/proxy_headers.py, server.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from ..asgi import Headers, Scope
from ..recording import KEPT_BYTES

VERSION = "0.54"
CLOSE_HEADER = (b"connection", b"close")
HIGH_WATER_LIMIT = 65536
PLAIN_TEXT = (b"content-type", b"text/plain; charset=utf-8")
INVALID_REQUEST = b"Invalid HTTP request received."
INTERNAL_ERROR = b"Internal Server Error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How uvicorn was started and who connects.

    `default_headers` lead every response: date, server and those of --header, in this order.
    `state` is the lifespan namespace; each request gets a shallow copy. `date` stands in the answers that
    the websockets package dates by itself, the options beginning with `ws_` are uvicorn's. `http2` tells that a
    connection may be HTTP/2 (`--http zttp --http2`); `kept_bytes` of what it writes are kept. `show_http2` asks
    how requests of HTTP/1 would look there.
    """

    client: tuple[str, int] | None = ("127.0.0.1", 12345)
    server: tuple[str, int | None] | None = ("127.0.0.1", 8000)
    scheme: str = "http"
    root_path: str = ""
    proxy_headers: bool = True
    forwarded_allow_ips: str = "127.0.0.1,::1"
    asgi_version: str = "3.0"
    websockets: bool = True
    ws_max_size: int = 16 * 1024 * 1024
    ws_per_message_deflate: bool = True
    date: str = "Thu, 01 Jan 1970 00:00:00 GMT"
    http2: bool = False
    kept_bytes: int = KEPT_BYTES
    show_http2: bool = False
    default_headers: tuple[tuple[bytes, bytes], ...] = ()
    state: dict[str, Any] = field(default_factory=dict)


# A status outside this table is a KeyError in send(), after the response counts as started.
STATUS_PHRASES = dict.fromkeys(range(100, 600), b"") | {int(known): known.phrase.encode() for known in HTTPStatus}


def default_headers(date: str | None, *, server_header: bool, headers: Headers) -> tuple[tuple[bytes, bytes], ...]:
    """The headers uvicorn puts before the application's own (Config.load, Server.on_tick)."""
    own = [(name.lower(), value) for name, value in headers]
    if server_header and b"server" not in dict(own):
        own.insert(0, (b"server", b"uvicorn"))
    return ((b"date", date.encode()), *own) if date else tuple(own)


def requested_upgrade(headers: Headers) -> bytes | None:
    """The protocol to upgrade to: the last Upgrade field, where the last Connection field asks for it."""
    connection: list[bytes] = []
    upgrade = None
    for name, value in headers:
        if name == b"connection":
            connection = [token.lower().strip() for token in value.split(b",")]
        elif name == b"upgrade":
            upgrade = value.lower()
    return upgrade if b"upgrade" in connection else None


def apply_proxy_headers(scope: Scope, settings: Settings) -> None:
    """Let X-Forwarded-Proto and X-Forwarded-For change `scheme` and `client`, in place, as uvicorn's
    middleware does when the task of the request starts."""
    if not settings.proxy_headers:
        return
    forwarded = [field for field in scope["headers"] if field[0].startswith(b"x-forwarded-")]
    if not forwarded:
        return
    trusted = TrustedHosts(settings.forwarded_allow_ips)
    client = scope["client"]
    if not trusted.trusts(client[0] if client else None):
        return
    protocols = [value for name, value in forwarded if name == b"x-forwarded-proto"]
    if protocols and (scheme := protocols[-1].decode("latin-1").strip()) in {"http", "https", "ws", "wss"}:
        scope["scheme"] = scheme.replace("http", "ws") if scope["type"] == "websocket" else scheme
    chain = b", ".join(value for name, value in forwarded if name == b"x-forwarded-for")
    if any(name == b"x-forwarded-for" for name, _ in forwarded):
        host, port = trusted.client_address(chain.decode("latin-1"))
        if host:
            scope["client"] = (host, port)


def access_line(scope: Scope, status: object) -> str:
    """What uvicorn writes to its access log when the response starts.

    It is on by default and made of the application's own scope, so a scope that the application
    broke makes send() raise here, after the response counts as started.
    """
    client = scope.get("client")
    # The tuple must hold a text and a number, as in uvicorn: anything else raises here.
    address = "%s:%d" % client if client else ""  # noqa: UP031
    path = _quoted(scope["path"])
    if scope["query_string"]:
        path = f"{path}?{scope['query_string'].decode('ascii')}"
    return f'{address} - "{scope["method"]} {path} HTTP/{scope["http_version"]}" {status}'


def _quoted(path: Any) -> str:
    return _quoted_before(path) if type(path) is str and len(path) < 256 else quote(path)


_quoted_before = lru_cache(maxsize=1024)(quote)


class TrustedHosts:
    """The peers whose forwarded headers are believed: addresses, networks, other names, or `*`."""

    def __init__(self, allow: str) -> None:
        import ipaddress  # only a request with X-Forwarded fields pays for this import

        self._parse_address = ipaddress.ip_address
        self.everyone = allow == "*"
        self.addresses: set[object] = set()
        self.networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        self.literals: set[str] = set()
        for host in [] if self.everyone else _hosts(allow):
            try:
                if "/" in host:
                    self.networks.append(ipaddress.ip_network(host))
                else:
                    self.addresses.add(ipaddress.ip_address(host))
            except ValueError:
                self.literals.add(host)

    def trusts(self, host: str | None) -> bool:
        """Whether forwarded headers from `host` count."""
        if self.everyone:
            return True
        if not host:
            return False
        try:
            address = self._parse_address(host)
        except ValueError:
            return host in self.literals
        return address in self.addresses or any(address in network for network in self.networks)

    def client_address(self, forwarded_for: str) -> tuple[str, int]:
        """The right-most untrusted host; the left-most where all are trusted. Port 0 where none is given."""
        hosts = _hosts(forwarded_for)
        if not self.everyone:
            for item in reversed(hosts):
                host, port = _host_and_port(item)
                if not self.trusts(host):
                    return host, port
        return _host_and_port(hosts[0])


def _hosts(value: str) -> list[str]:
    return [item.strip() for item in value.split(",")]


def _host_and_port(value: str) -> tuple[str, int]:
    """`host`, `host:port`, `[v6]` and `[v6]:port`; anything else is a host as it stands."""
    if value.startswith("["):
        host, bracket, rest = value[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return value, 0
        return host, _port(rest[1:]) or 0
    if value.count(":") == 1:
        host, _, text = value.partition(":")
        port = _port(text)
        return (value, 0) if port is None else (host, port)
    return value, 0


def _port(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
