"""Applications that are in order, made with the frameworks in use: no error and no warning."""

import importlib.util

import pytest

import asgi_inspect
from asgi_inspect import Severity
from tests.apps import socket_frameworks
from tests.apps.frameworks import FRAMEWORKS
from tests.websocket_cases import close, frame, handshake, text

UPLOAD = b'POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"size":7}'
GET = b"GET %s HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n"
MORE = {"starlette": ["/later", "/moved", "/nothing", "/static/a.txt", "/static/missing"]}

# Where a framework and the text disagree, both were read. Django 5.2 (core/handlers/asgi.py, send_response)
# sends the names of its headers as they are written, "Content-Type"; "Header names must be lowercased"
# (specs/www.rst, Response Start). BlackSheep 2.6 sets transfer-encoding: chunked on a stream; the same
# section lets an application do so and has the server ignore it, which none of the measured ones does.
KNOWN = {"django": {"header-name-uppercase"}, "blacksheep": {"transfer-encoding-set"}}

# How long the loop is busy depends on the machine, and the first request imports things.
TIMING = ("event-loop-blocked",)


def _installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the frameworks' own
@pytest.mark.parametrize("parser", ["httptools", "h11"])
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_good_application_gives_no_error_and_no_warning(name: str, parser: str) -> None:
    """Answered in full, streamed in full, and nothing to say of it."""
    if not _installed(name):
        pytest.skip(f"{name} is not installed")
    paths = ["/plain", "/stream", *MORE.get(name, [])]
    data = b"".join(GET % path.encode() for path in paths) + UPLOAD

    inspection = asgi_inspect.inspect(data, app=FRAMEWORKS[name](), parser=parser, loop="asyncio", ignore=TIMING)

    statuses = [exchange.response.status for exchange in inspection.exchanges if exchange.response]
    assert len(statuses) == len(paths) + 1
    assert all(status in (200, 201, 204, 307, 404) for status in statuses), statuses
    assert {found.rule for found in inspection.findings if found.severity is not Severity.NOTE} == KNOWN.get(
        name, set()
    )


# What the client says behind the handshake: it closes, with this code or none, or is gone.
CLIENTS = {
    "closes": text("hello") + frame(9, b"there?") + text("again") + close(1000),
    "goes away": text("hello") + close(1001, b"bye"),
    "closes without a code": close(None),
    "leaves": text("hello"),
    "says nothing": b"",
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the frameworks' own
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("path", ["echo", "push", "refuse"])
@pytest.mark.parametrize("name", socket_frameworks.FRAMEWORKS)
def test_a_good_websocket_gives_no_error_and_no_warning(
    name: str, path: str, client: str, own_django_settings: None
) -> None:
    """However the client ends it."""
    if not _installed(name):
        pytest.skip(f"{name} is not installed")
    data = handshake(b"Sec-WebSocket-Protocol: chat", target=b"/" + path.encode()) + CLIENTS[client]

    inspection = asgi_inspect.inspect(
        data, app=socket_frameworks.FRAMEWORKS[name](), parser="httptools", loop="asyncio", ignore=TIMING, timeout=5
    )

    [exchange] = inspection.exchanges
    assert exchange.response is not None
    assert exchange.response.status == (403 if path == "refuse" else 101)
    assert (exchange.outcome, exchange.error) == (asgi_inspect.Outcome.COMPLETED, None)
    if path == "push" or (path, client) == ("echo", "leaves"):  # one that closes at once may be quicker than the answer
        assert any(one.opcode == "text" and not one.by_client for one in exchange.messages)
    assert [found for found in inspection.findings if found.severity is not Severity.NOTE] == []
