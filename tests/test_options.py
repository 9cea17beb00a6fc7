"""Defaults are those of CONTRACT.md, and what makes no sense is refused with a sentence that names it."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_inspect import Options
from asgi_inspect.options import address, names


def test_the_defaults() -> None:
    defaults = {name: getattr(Options(), name) for name in names()}

    assert defaults == {
        "source": "request",
        "from_": "auto",
        "strict_bytes": False,
        "connection": None,
        "body": None,
        "parser": None,
        "http2": False,
        "read_size": 65536,
        "client": "127.0.0.1:12345",
        "server": "127.0.0.1:8000",
        "scheme": "http",
        "root_path": "",
        "proxy_headers": True,
        "forwarded_allow_ips": "127.0.0.1,::1",
        "app": None,
        "app_dir": "",
        "factory": False,
        "interface": "auto",
        "lifespan": "auto",
        "loop": "auto",
        "env_file": None,
        "date_header": True,
        "server_header": True,
        "header": (),
        "date": None,
        "timeout": 10.0,
        "disconnect_after": None,
        "body_limit": 1024 * 1024,
        "select": (),
        "ignore": (),
        "redact": None,
        "redact_field": (),
        "ws_text": (),
        "ws_bytes": (),
        "ws_json": (),
        "ws_script": (),
    }


@pytest.mark.parametrize(
    ("name", "value", "error", "sentence"),
    [
        ("parser", "llhttp", ValueError, "parser must be one of httptools, h11, both, not 'llhttp'"),
        ("scheme", "ws", ValueError, "scheme must be one of http, https, not 'ws'"),
        ("scheme", None, TypeError, "scheme must be a string, not NoneType"),
        ("interface", "asgi1", ValueError, "interface must be one of auto, asgi3, asgi2, wsgi, not 'asgi1'"),
        ("lifespan", "yes", ValueError, "lifespan must be one of auto, on, off, not 'yes'"),
        ("loop", "trio", ValueError, "loop must be one of auto, asyncio, uvloop, not 'trio'"),
        ("read_size", 0, ValueError, "read_size must be a number of at least 1, not 0"),
        ("read_size", "7", ValueError, "read_size must be a number of at least 1, not '7'"),
        ("read_size", True, ValueError, "read_size must be a number of at least 1, not True"),
        ("body_limit", -1, ValueError, "body_limit must be a number of at least 0, not -1"),
        ("disconnect_after", -1, ValueError, "disconnect_after must be a number of at least 0, not -1"),
        ("timeout", 0, ValueError, "timeout must be more than 0 seconds, not 0"),
        ("timeout", float("nan"), ValueError, "timeout must be more than 0 seconds, not nan"),
        ("timeout", "5", TypeError, "timeout must be a number of seconds, not str"),
        ("client", "x", ValueError, "client must be HOST:PORT with a port up to 65535, not 'x'"),
        ("client", ("127.0.0.1", 1), TypeError, "client must be a string, not tuple"),
        ("server", "x:-1", ValueError, "server must be HOST:PORT with a port up to 65535, not 'x:-1'"),
        ("header", ["x"], ValueError, "header must be NAME:VALUE, not 'x'"),
        ("header", "X: y", TypeError, "header must be a list of strings, not 'X: y'"),
        ("header", [("X", "y")], TypeError, "header must be a list of strings, not [('X', 'y')]"),
        ("header", ["X: \u20ac"], ValueError, "header must be text in Latin-1, as uvicorn takes it, not 'X: €'"),
        ("select", "host-missing", TypeError, "select must be a list of strings, not 'host-missing'"),
        ("ignore", "host-missing", TypeError, "ignore must be a list of strings, not 'host-missing'"),
        ("source", b"x", TypeError, "source must be a string, not bytes"),
        ("from_", 1, TypeError, "from_ must be a string, not int"),
        ("root_path", None, TypeError, "root_path must be a string, not NoneType"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: Any, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error) as refused:
        Options(**{name: value})

    assert type(refused.value) is error
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:80", "127.0.0.1", 80),
        ("example.org:0", "example.org", 0),
        ("[::1]:65535", "::1", 65535),
        ("::1:8000", "::1", 8000),
        ("/run/x.sock:1", "/run/x.sock", 1),
    ],
)
def test_addresses(text: str, host: str, port: int) -> None:
    assert address(text, "client") == (host, port)


@pytest.mark.parametrize("text", ["", ":", "x", "x:", ":1", "x:65536", "x:1a", "x:+1", "x: 1", "x:١"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"client must be HOST:PORT with a port up to 65535, not "):
        address(text, "client")
