"""Captures of real clients (the websockets package, Chromium, Firefox): what they were answered is what is shown."""

from pathlib import Path

import pytest

import asgi_inspect
from asgi_inspect import Outcome
from tests.oracle import PARSERS, Parser
from tests.test_websocket_faithful import same
from tests.websocket_cases import echo

CHAT = f"{Path(__file__).parent.parent / 'samples' / 'apps' / 'chat.py'}:app"
FOLDER = Path(__file__).parent / "websocket_captures"
NAMES = sorted(path.stem for path in FOLDER.glob("*.bin"))


def shown(name: str, parser: Parser) -> asgi_inspect.Exchange:
    data = (FOLDER / f"{name}.bin").read_bytes()
    inspection = asgi_inspect.inspect(data, parser=parser, app=CHAT, date_header=False)
    assert inspection.findings == ()
    [exchange] = inspection.exchanges
    return exchange


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", NAMES)
def test_the_client_is_answered_as_over_a_socket(name: str, parser: Parser) -> None:
    """Every byte that uvicorn wrote to the client, compressed frames and the close handshake too."""
    exchange = shown(name, parser)

    assert exchange.response is not None
    assert exchange.response.wire == (FOLDER / f"{name}.answers").read_bytes()
    assert (exchange.outcome, exchange.error) == (Outcome.COMPLETED, None)


@pytest.mark.parametrize("name", NAMES)
def test_every_frame_stands_where_its_span_says(name: str) -> None:
    """The client's frames follow one another to the end of the capture, the server's to the end of the answer."""
    exchange = shown(name, "httptools")
    assert exchange.response is not None
    assert isinstance(exchange.response.wire, bytes)

    for by_client, data, start in (
        (True, exchange.data, exchange.data.index(b"\r\n\r\n") + 4),
        (False, exchange.response.wire, exchange.response.wire.index(b"\r\n\r\n") + 4),
    ):
        spans = [frame.span for frame in exchange.messages if frame.by_client is by_client]
        assert spans
        for span in spans:
            assert span is not None
            assert span.start == start
            start = span.end
        assert start == len(data)


def test_what_was_said() -> None:
    """Both sides in order, fragments one by one, compression taken away."""
    told = [
        ("client" if frame.by_client else "server", frame.opcode, frame.data, frame.final, frame.compressed)
        for frame in shown("fragments_deflated", "h11").messages
    ]

    assert told == [
        ("client", "text", b"frag", False, True),
        ("client", "continuation", b"men", False, True),
        ("client", "continuation", b"ted", False, True),
        ("client", "continuation", b"", True, True),
        ("server", "text", b"FRAGMENTED", True, True),
        ("client", "ping", b"are you there", True, False),
        ("server", "pong", b"are you there", True, False),
        ("client", "close", b"\x03\xe8", True, False),
        ("server", "close", b"\x03\xe8", True, False),
    ]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", ["chromium", "firefox"])
def test_what_a_browser_sent_is_to_uvicorn_what_it_is_here(name: str, parser: Parser) -> None:
    """The scope, every message and the wire, for the handshake in one read and the frames in others."""
    data = (FOLDER / f"{name}.bin").read_bytes()
    head = data.index(b"\r\n\r\n") + 4

    same(parser, [data[:head], data[head:]], echo)
    same(parser, [data[:head], *(data[place : place + 1] for place in range(head, len(data)))], echo)
