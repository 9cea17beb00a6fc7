"""The server whose behaviour is shown: how it would have been started with these options, and in which version."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Any

from .options import Options, address
from .servers import uvicorn
from .servers.uvicorn_scope import Settings, default_headers
from .version import __version__

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The server whose behaviour is shown."""

    name: str
    version: str
    parser: str
    parser_version: str


def first_parser(options: Options) -> str:
    """The parser whose view is shown."""
    return "h11" if options.parser == "h11" else "httptools"


def settings(options: Options, state: dict[str, Any] | None = None) -> Settings:
    """How uvicorn would have been started with these options."""
    pairs = [line.split(":", 1) for line in options.header]
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
    now = options.date or http_date(time.time())
    date = now if options.date_header else None
    return Settings(
        client=address(options.client, "client"),
        server=address(options.server, "server"),
        scheme=options.scheme,
        root_path=options.root_path,
        proxy_headers=options.proxy_headers,
        forwarded_allow_ips=options.forwarded_allow_ips,
        default_headers=default_headers(date, server_header=options.server_header, headers=headers),
        state={} if state is None else state,
        date=now,
        http2=options.http2 or options.parser is None,
        show_http2=options.http2,
        kept_bytes=options.body_limit,
    )


def http_date(seconds: float) -> str:
    """An IMF-fixdate (RFC 9110 §5.6.7), whatever the locale."""
    now = time.gmtime(seconds)
    day, month = _DAYS[now.tm_wday], _MONTHS[now.tm_mon - 1]
    return f"{day}, {now.tm_mday:02} {month} {now.tm_year} {now.tm_hour:02}:{now.tm_min:02}:{now.tm_sec:02} GMT"


def versions(*, websocket: bool = True, http2: bool = True) -> dict[str, str]:
    """The parts that decide what is shown, each with its version; a plain request needs neither of the two's."""
    import h11
    import httptools

    return {
        "asgi-inspect": __version__,
        "h11": h11.__version__,  # type: ignore[attr-defined]  # it is there, and not declared
        "httptools": httptools.__version__,
        **({"wsproto": _wsproto_version()} if websocket else {}),
        **(_http2_versions() if http2 else {}),
        "python": ".".join(map(str, sys.version_info[:3])),
    }


def _wsproto_version() -> str:
    import wsproto

    return wsproto.__version__


def _http2_versions() -> dict[str, str]:
    import h2
    import hpack

    return {"h2": h2.__version__, "hpack": hpack.__version__}


def server_of(parser: str, tool: dict[str, str]) -> Server:
    """uvicorn with `parser`, whose version is in `tool`."""
    return Server(name=uvicorn.NAME, version=uvicorn.VERSION, parser=parser, parser_version=tool[parser])
