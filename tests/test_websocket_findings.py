"""Each WebSocket rule has a case that fires it, at the right bytes, and is silent where nothing is wrong."""

import re
from pathlib import Path
from typing import Any

import pytest

import asgi_inspect
from asgi_inspect import websocket_findings
from asgi_inspect.captures.capture import Capture, ClientConnection
from asgi_inspect.inspection import inspect_capture
from asgi_inspect.options import Options
from asgi_inspect.render.as_text import as_text
from asgi_inspect.render.layout import Page
from tests.websocket_cases import (
    BINARY,
    CONTINUATION,
    DEFLATE,
    PING,
    TEXT,
    close,
    closes,
    echo,
    frame,
    handshake,
    sends,
    text,
)

OPEN = handshake()
GOOD = text("fine")

# The rule, the bytes, what the caret stands under, and words of the message.
CASES: dict[str, tuple[bytes, bytes, str]] = {
    "websocket-key-missing": (handshake(key=None), b"GET /ws HTTP/1.1", "missing Sec-WebSocket-Key"),
    "websocket-key-invalid": (handshake(key=b"Sec-WebSocket-Key: abc"), b"Sec-WebSocket-Key: abc", "abc"),
    "websocket-version-missing": (handshake(ws_version=None), b"GET /ws HTTP/1.1", "missing Sec-WebSocket-Version"),
    "websocket-version-unsupported": (
        handshake(ws_version=b"Sec-WebSocket-Version: 8"),
        b"Sec-WebSocket-Version: 8",
        "invalid Sec-WebSocket-Version header: 8",
    ),
    "websocket-connection-invalid": (
        handshake(connection=b"Connection: upgrade, @"),
        b"Connection: upgrade, @",
        "expected token at 9",
    ),
    "websocket-upgrade-invalid": (
        handshake(b"Upgrade: websocket", upgrade=b"Upgrade: h2c"),
        b"Upgrade: websocket",
        "h2c, websocket",
    ),
    "websocket-origin-repeated": (handshake(b"Origin: a", b"Origin: b"), b"Origin: b", "multiple values"),
    "websocket-extensions-malformed": (
        handshake(b"Sec-WebSocket-Extensions: a b"),
        b"Sec-WebSocket-Extensions: a b",
        "expected comma",
    ),
    "websocket-subprotocol-malformed": (
        handshake(b"Sec-WebSocket-Protocol: a b"),
        b"Sec-WebSocket-Protocol: a b",
        "expected comma",
    ),
    "websocket-method-not-get": (handshake(method=b"POST"), b"POST", "unsupported HTTP method: POST"),
    "websocket-handshake-unanswered": (
        handshake(b"Content-Length: 5") + b"hello",
        b"Content-Length: 5",
        "nobody answers this handshake",
    ),
    "websocket-http10": (handshake(version=b"HTTP/1.0"), b"HTTP/1.0", "an HTTP/1.0 request"),
    "websocket-frame-unmasked": (OPEN + text("a", masked=False), b"\x81\x01", "incorrect masking"),
    "websocket-frame-opcode-unknown": (OPEN + frame(3), b"\x83\x80", "invalid opcode"),
    "websocket-frame-reserved-bits": (OPEN + GOOD + text("a", reserved=1), b"\x91\x81", "reserved bits"),
    "websocket-frame-control-too-long": (OPEN + frame(PING, b"x" * 126), b"\x89\xfe", "control frame too long"),
    "websocket-frame-control-fragmented": (OPEN + frame(PING, final=False), b"\x09\x80", "fragmented control"),
    "websocket-frame-continuation-of-nothing": (OPEN + frame(CONTINUATION), b"\x80\x80", "unexpected continuation"),
    "websocket-message-unfinished": (
        OPEN + frame(TEXT, b"a", final=False) + frame(BINARY),
        b"\x82\x80",
        "expected a continuation",
    ),
    "websocket-message-too-big": (OPEN + frame(BINARY, claims=(16 << 20) + 1), b"\x82\xff", "exceeds limit"),
    "websocket-deflate-broken": (
        handshake(DEFLATE) + frame(TEXT, b"\xff\xff", reserved=4),
        b"\xc1\x82",
        "decompression failed",
    ),
    "websocket-close-malformed": (OPEN + close(999), b"\x88\x82", "invalid status code"),
    "websocket-close-reason-not-utf8": (OPEN + close(1000, b"\xff"), b"\x88\x83", "invalid start byte"),
    "websocket-text-not-utf8": (OPEN + frame(TEXT, b"a\xffb"), b"\x81\x83", "invalid start byte at byte 1"),
    "websocket-text-cut": (OPEN + frame(TEXT, b"a\xc3"), b"\x81\x82", "unexpected end of data at byte 1"),
    "websocket-frame-incomplete": (OPEN + GOOD + text("hello")[:8], b"\x81\x85", "8 bytes of it came"),
}


@pytest.mark.parametrize("parser", ["httptools", "h11", None])
@pytest.mark.parametrize("rule", CASES)
def test_a_rule_fires_at_its_bytes(rule: str, parser: str | None) -> None:
    """One finding, no other; the last fault in the table's bytes is meant."""
    data, marked, words = CASES[rule]
    inspection = asgi_inspect.inspect(data, parser=parser)

    [finding] = inspection.findings
    assert finding.rule == rule
    assert words in finding.message
    assert finding.span is not None
    assert finding.span.of(data) == marked
    assert finding.spec
    assert finding.help or rule == "websocket-frame-incomplete"
    assert rule in as_text(inspection, Page())


@pytest.mark.parametrize(
    "data",
    [OPEN, OPEN + GOOD + close(), handshake(DEFLATE), OPEN + frame(PING) + close(None), handshake(b"Origin: a")],
)
def test_nothing_is_found_where_nothing_is_wrong(data: bytes) -> None:
    assert asgi_inspect.inspect(data, app=echo, lifespan="off").findings == ()


def inspected(*segments: bytes, **options: Any) -> asgi_inspect.Inspection:
    client = ClientConnection(number=1, data=b"".join(segments), segments=tuple(map(len, segments)))
    capture = Capture(source="s", format="test", connections=(client,))
    return inspect_capture(capture, Options(lifespan="off", **options))


def test_frames_that_share_the_read_of_the_handshake_are_lost() -> None:
    """The capture's segments show it; a capture that does not tell is played as a client behaves."""
    lost = text("lost")
    [finding] = (inspection := inspected(OPEN + lost, GOOD, app=echo)).findings

    assert finding.rule == "websocket-frames-lost"
    assert f"{len(lost)} bytes" in finding.message
    assert finding.span is not None
    assert finding.span.start == len(OPEN)
    assert [message.get("text") for message in inspection.exchanges[0].receive] == [None, "fine", None]
    assert asgi_inspect.inspect(OPEN + lost, app=echo, lifespan="off").findings == ()


def test_messages_before_a_fault_in_the_same_read_are_lost() -> None:
    [finding] = (inspection := inspected(OPEN, GOOD + GOOD + text("a", masked=False), app=echo)).findings

    assert finding.rule == "websocket-frame-unmasked"
    assert any(note.startswith("2 messages before it") for note in finding.notes)
    assert [message["type"] for message in inspection.exchanges[0].receive] == [
        "websocket.connect",
        "websocket.disconnect",
    ]


@pytest.mark.parametrize("code", [1000, 4401])
def test_a_close_before_accept_is_a_bare_403(code: int) -> None:
    """The code, or else the reason, is in the finding, and nowhere on the wire."""
    inspection = asgi_inspect.inspect(OPEN, app=sends(closes(code, "who?")), lifespan="off")

    [finding] = inspection.findings
    assert (finding.rule, finding.severity) == ("ws-close-code-before-accept", "note")
    assert ("'who?'" if code == 1000 else str(code)) in finding.message
    assert finding.source is not None
    assert "websocket_cases.py" in finding.source
    [exchange] = inspection.exchanges
    assert exchange.response is not None
    assert isinstance(exchange.response.wire, bytes)
    assert exchange.response.wire.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert b"who?" not in exchange.response.wire


def test_a_fault_behind_the_servers_own_close_gets_no_close_frame() -> None:
    """One close frame is all that a side sends."""
    app = sends({"type": "websocket.accept"}, closes(4000), then=1)
    [finding] = inspected(OPEN, text("a", masked=False), app=app).findings

    assert finding.rule == "websocket-frame-unmasked"
    assert finding.notes == ("no close frame goes out for it: uvicorn cuts the connection",)


def test_every_rule_has_a_case() -> None:
    """The names in the module, and those of this table and the tests below it."""
    source = Path(websocket_findings.__file__).read_text()
    names = set(re.findall(r'"(websocket-[a-z0-9-]+)"', source))
    elsewhere = {"websocket-frames-lost"}

    assert names <= {*CASES, *elsewhere}
