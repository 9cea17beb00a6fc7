"""What is shown is what a running `uvicorn --http zttp --http2` writes on a loopback socket, byte for byte.

Its application tells in each response which scope and which messages it was given, so these are compared too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest

import asgi_inspect
from tests.apps.over_http2 import app
from tests.comparison import DATE, Seen, same
from tests.http2_cases import CASES
from tests.http2_frames import GET, OPENING, POST, data, headers, settings, window_update, with_path
from tests.test_real_server import PATIENCE, Server

TOPIC = "a real uvicorn --http2 on a socket"
_SERVERS_DATE = re.compile(rb"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
WIDE = settings((4, 1 << 30)) + window_update(1 << 30)
MORE = {
    "a large response": WIDE + headers(with_path(b"/large")),
    "a large response in a narrow window": headers(with_path(b"/large")) + settings((4, 100_000)),
    "trailers of the response": headers([*with_path(b"/trailers"), (b"te", b"trailers")]),
    "trailers that are not wanted": headers(with_path(b"/trailers")),
    "an application that fails": headers(with_path(b"/raises")),
    "one that fails beside one that does not": headers(with_path(b"/raises")) + headers(GET, stream=3),
    "a large request": headers(POST, end=False) + data(bytes(16000), end=False) * 3 + data(b"end"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("uvicorn") / "zttp.log"
    with Server("zttp", log, "tests.apps.over_http2:app", "--http2") as running:
        yield running


def shown(pieces: Sequence[bytes]) -> tuple[Seen, asgi_inspect.Inspection]:
    whole = b"".join(pieces)
    inspection = asgi_inspect.inspect(
        whole, app=app, lifespan="off", loop="asyncio", date=DATE, timeout=PATIENCE, read_size=len(pieces[0])
    )
    wire = inspection.exchanges[0].http2.connection.wire if inspection.exchanges[0].http2 else b""
    assert isinstance(wire, bytes)
    return Seen([], wire, not inspection.exchanges[-1].keep_alive), inspection


def served(server: Server, pieces: Sequence[bytes], ours: Seen) -> bytes:
    with server.connection() as client:
        for piece in pieces:
            client.send(piece)
        client.read(len(ours.wire))
        client.stop_sending()
        client.read()
        assert client.ended
    return _SERVERS_DATE.sub(DATE.encode(), client.wire)


@pytest.mark.parametrize("name", [*CASES, *(name for name in MORE if "narrow" not in name)])
def test_frames_are_answered_as_by_a_running_server(server: Server, name: str) -> None:
    pieces = [OPENING + {**CASES, **MORE}[name]]
    ours, _ = shown(pieces)

    same(TOPIC, ours, Seen([], served(server, pieces, ours), ours.closed), name)


def test_a_narrow_window_is_held_to_until_the_capture_ends(server: Server) -> None:
    """The client here reads on; one that grants no more gets the beginning of the same frames."""
    ours, inspection = shown([OPENING + MORE["a large response in a narrow window"]])
    with server.connection() as client:
        client.send(OPENING + MORE["a large response in a narrow window"])
        client.stop_sending()
        client.read()

    begun = _SERVERS_DATE.sub(DATE.encode(), client.wire)
    assert 65_535 < len(begun) < len(ours.wire)
    assert ours.wire.startswith(begun)
    assert inspection.exchanges[0].response is not None
    assert inspection.exchanges[0].response.body == bytes(range(256)) * 300
    assert {"http2-request-never-ends", "http2-window-exhausted"} <= {finding.rule for finding in inspection.findings}


def test_a_path_that_is_not_ascii_gets_no_answer(server: Server) -> None:
    pieces = [OPENING + headers(GET) + headers(with_path(b"/\xff"), stream=3)]
    ours, inspection = shown(pieces)

    same(TOPIC, ours, Seen([], served(server, pieces, ours), ours.closed), "not ASCII")
    assert [exchange.verdict for exchange in inspection.exchanges] == ["accepted", "rejected"]
    assert "http2-path-not-ascii" in {finding.rule for finding in inspection.findings}
