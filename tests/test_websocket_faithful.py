"""Scopes, messages, wire bytes and endings of WebSockets equal those of uvicorn's own protocol class."""

import asyncio
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgi_inspect.captures.capture import ClientConnection
from asgi_inspect.idle import IdleSelector
from asgi_inspect.options import Options
from asgi_inspect.recording import Call
from asgi_inspect.runner import Progress, run
from asgi_inspect.servers.uvicorn_scope import Settings
from tests import oracle
from tests.oracle import PARSERS, Parser
from tests.websocket_cases import (
    ACCEPT,
    BINARY,
    CLOSE,
    CONTINUATION,
    DEFLATE,
    KEY,
    PING,
    PONG,
    TEXT,
    App,
    Deflater,
    changes_its_scope,
    close,
    closes,
    closes_after_one,
    deflated,
    denies,
    echo,
    frame,
    handshake,
    listens,
    pushes,
    raises,
    reads_json,
    returns_a_value,
    send_text,
    sends,
    sends_after_the_client_left,
    slow_to_accept,
    slow_to_answer,
    text,
    tries,
    two_listeners,
)

SETTINGS = Settings(default_headers=tuple(oracle.DEFAULT_HEADERS))
# A longer search: WEBSOCKET_EXAMPLES=5000 pytest tests/test_websocket_faithful.py -k any_frames
EXAMPLES = int(os.environ.get("WEBSOCKET_EXAMPLES", "25"))
_DATE = re.compile(rb"Date: [^\r]*")


def seen(calls: Sequence[tuple[Any, Any, Any, Any]], wire: bytes, closed: bool) -> dict[str, Any]:
    return {"calls": list(calls), "wire": _DATE.sub(b"Date: now", wire), "closed": closed}


def theirs(parser: Parser, reads: Sequence[bytes], app: App, **config: Any) -> dict[str, Any]:
    """What uvicorn does."""
    observed = oracle.observe(parser, reads, app, **config)
    assert not observed.timed_out
    calls = [
        (
            list(call.scope.items()),
            call.received,
            [(kind, _told(error)) for kind, error in call.sends],
            _told(call.raised),
        )
        for call in observed.calls
    ]
    return seen(calls, observed.wire, observed.closed)


def _told(error: str | None) -> str | None:
    return None if error is None else error.removesuffix(": ")


def ours(parser: Parser, reads: Sequence[bytes], app: App, settings: Settings = SETTINGS) -> dict[str, Any]:
    """What asgi-inspect shows; the reads are the capture's own segments."""
    client = ClientConnection(number=1, data=b"".join(reads), segments=tuple(len(data) for data in reads if data))
    progress, selector = Progress(), IdleSelector()
    options = Options(lifespan="off", timeout=0.3)
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(run(cast(Any, app), (client,), parser, settings, options, progress, selector))
    [(_, played)] = progress.played
    calls = []
    for taken in played.taken:
        steps = taken.steps.kept()
        sent = [(str(step.message["type"]), step.error) for step in steps if step.message and step.call is Call.SEND]
        raised = next((step.error for step in steps if step.call is Call.RAISE), None)
        calls.append((list(taken.scope.items()), [dict(message) for message in taken.receive], sent, raised))
    wire = b"".join(_whole(taken.wire.value()) for taken in played.taken) + played.connection.refusal
    if played.connection.websocket is not None:
        wire += played.connection.websocket.conversation().refusal
    return seen(calls, wire, played.closed_by_server)


def _whole(wire: Any) -> bytes:
    assert isinstance(wire, bytes)
    return wire


def same(parser: Parser, reads: Sequence[bytes], app: App, settings: Settings = SETTINGS, **config: Any) -> None:
    expected = theirs(parser, reads, app, **config)

    assert ours(parser, reads, app, settings) == expected


OPEN = handshake()
WITH_DEFLATE = handshake(DEFLATE)


def field(name: str, value: str) -> bytes:
    return f"{name}: {value}".encode("latin-1")


PROTOCOLS = "Sec-WebSocket-Protocol"
EXTENSIONS = "Sec-WebSocket-Extensions"

HANDSHAKES: dict[str, bytes] = {
    "plain": OPEN,
    "query and escapes": handshake(target=b"/caf%C3%A9/%2F?x=1&y=%20"),
    "empty query": handshake(target=b"/ws?"),
    "fragment": handshake(target=b"/ws#frag?q"),
    "absolute form": handshake(target=b"http://example.com/ws?x=1"),
    "double slash": handshake(target=b"//ws//x"),
    "http 1.0": handshake(version=b"HTTP/1.0"),
    "connection among others": handshake(connection=b"Connection: keep-alive, Upgrade"),
    "connection twice, upgrade last": handshake(b"Connection: upgrade", connection=b"Connection: keep-alive"),
    "connection twice, upgrade first": handshake(b"Connection: keep-alive"),
    "connection broken": handshake(connection=b"Connection: upgrade, @"),
    "connection with empty items": handshake(connection=b"Connection: ,, upgrade ,,"),
    "connection without commas": handshake(connection=b"Connection: keep-alive upgrade, upgrade"),
    "upgrade in capitals": handshake(upgrade=b"Upgrade: WebSocket"),
    "upgrade twice": handshake(b"Upgrade: websocket", upgrade=b"Upgrade: h2c"),
    "upgrade missing": handshake(upgrade=None),
    "key missing": handshake(key=None),
    "key empty": handshake(key=b"Sec-WebSocket-Key:"),
    "key no base64": handshake(key=b"Sec-WebSocket-Key: not base64!"),
    "key badly padded": handshake(key=b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ="),
    "key not ascii": handshake(key=b"Sec-WebSocket-Key: \xe9\xe9"),
    "key too short": handshake(key=b"Sec-WebSocket-Key: c2hvcnQ="),
    "key twice": handshake(b"Sec-WebSocket-Key: " + KEY),
    "version missing": handshake(ws_version=None),
    "version 8": handshake(ws_version=b"Sec-WebSocket-Version: 8"),
    "version twice": handshake(b"Sec-WebSocket-Version: 13"),
    "post": handshake(method=b"POST"),
    "put": handshake(method=b"PUT"),
    "origin": handshake(b"Origin: https://example.com"),
    "origin twice": handshake(b"Origin: https://a", b"Origin: https://b"),
    "subprotocols": handshake(field(PROTOCOLS, "chat, superchat"), field(PROTOCOLS, "third")),
    "subprotocol empty": handshake(field(PROTOCOLS, "")),
    "subprotocol broken": handshake(field(PROTOCOLS, "a b")),
    "subprotocol in commas": handshake(field(PROTOCOLS, ",chat,,v2,")),
    "content-length 0": handshake(b"Content-Length: 0"),
    "content-length 5": handshake(b"Content-Length: 5"),
    "chunked": handshake(b"Transfer-Encoding: chunked"),
    "a line of 8190 bytes": handshake(b"X: " + b"a" * 8187),
    "a line of 8191 bytes": handshake(b"X: " + b"a" * 8188),
    "a target of 8190 bytes": handshake(target=b"/" + b"a" * 8176),
    "a target of 8192 bytes": handshake(target=b"/" + b"a" * 8180),
    "128 fields": handshake(*(b"X-%d: 1" % number for number in range(123))),
    "129 fields": handshake(*(b"X-%d: 1" % number for number in range(124))),
    "130 fields": handshake(*(b"X-%d: 1" % number for number in range(125))),
    "values beyond ascii": handshake(b"X-Name: caf\xe9 \xff"),
    "cookies twice": handshake(b"Cookie: a=1", b"Cookie: b=2"),
    "forwarded": handshake(b"X-Forwarded-Proto: https", b"X-Forwarded-For: 1.2.3.4"),
    "white space around": handshake(b"X-A:   1  \t"),
    "deflate": WITH_DEFLATE,
    "deflate, all parameters": handshake(
        field(
            EXTENSIONS,
            "permessage-deflate; client_no_context_takeover; server_no_context_takeover; "
            "server_max_window_bits=10; client_max_window_bits=9",
        )
    ),
    "deflate, windows of 15": handshake(
        field(EXTENSIONS, "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15")
    ),
    "deflate, a window of 8": handshake(field(EXTENSIONS, "permessage-deflate; server_max_window_bits=8")),
    "deflate, a client's window of 8": handshake(field(EXTENSIONS, "permessage-deflate; client_max_window_bits=8")),
    "deflate, unknown parameter": handshake(field(EXTENSIONS, "permessage-deflate; x=1")),
    "deflate, doubled parameter": handshake(
        field(EXTENSIONS, "permessage-deflate; server_no_context_takeover; server_no_context_takeover")
    ),
    "deflate, value where none belongs": handshake(
        field(EXTENSIONS, "permessage-deflate; server_no_context_takeover=1")
    ),
    "deflate, second offer taken": handshake(
        field(EXTENSIONS, "permessage-deflate; server_max_window_bits=8, permessage-deflate")
    ),
    "deflate, quoted": handshake(field(EXTENSIONS, 'permessage-deflate; client_max_window_bits="10"')),
    "deflate, quoted badly": handshake(field(EXTENSIONS, 'permessage-deflate; client_max_window_bits="1 0"')),
    "deflate twice": handshake(field(EXTENSIONS, "permessage-deflate"), field(EXTENSIONS, "permessage-deflate; x")),
    "another extension": handshake(field(EXTENSIONS, "x-webkit-deflate-frame")),
    "extensions broken": handshake(field(EXTENSIONS, "permessage-deflate; =")),
    "extensions without comma": handshake(field(EXTENSIONS, "permessage-deflate foo")),
    "extensions empty": handshake(field(EXTENSIONS, "")),
}


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", HANDSHAKES)
def test_handshakes(parser: Parser, name: str) -> None:
    """What the application is called with, or the refusal, byte by byte."""
    same(parser, [HANDSHAKES[name]], echo)


LARGE = b"x" * 70_000

CONVERSATIONS: dict[str, tuple[bytes, list[bytes], App]] = {
    "one text": (OPEN, [text("hello")], echo),
    "text and close": (OPEN, [text("hello"), close()], echo),
    "text beyond ascii": (OPEN, [text("žluťoučký 🐎")], echo),
    "empty text": (OPEN, [text("")], echo),
    "empty binary": (OPEN, [frame(BINARY)], echo),
    "binary": (OPEN, [frame(BINARY, b"\x00\xff")], echo),
    "126 bytes": (OPEN, [frame(BINARY, b"y" * 126)], echo),
    "65535 bytes": (OPEN, [frame(BINARY, b"y" * 65535)], echo),
    "70000 bytes": (OPEN, [frame(BINARY, LARGE)], echo),
    "length in two bytes where one would do": (OPEN, [text("hi", form=2)], echo),
    "length in eight bytes where one would do": (OPEN, [text("hi", form=8)], echo),
    "a frame in three reads": (
        OPEN,
        [*(part for part in (text("hello")[:1], text("hello")[1:7], text("hello")[7:]))],
        echo,
    ),
    "two frames in one read": (OPEN, [text("a") + text("b")], echo),
    "text and close in one read": (OPEN, [text("a") + close()], echo),
    "close in the same read as two texts, listening": (OPEN, [text("a") + text("b") + close(1001, b"bye")], listens),
    "fragments": (
        OPEN,
        [frame(TEXT, b"he", final=False), frame(CONTINUATION, b"l", final=False), frame(CONTINUATION, b"lo")],
        echo,
    ),
    "fragments in one read": (OPEN, [frame(BINARY, b"a", final=False) + frame(CONTINUATION, b"b")], echo),
    "a character cut between fragments": (
        OPEN,
        [frame(TEXT, "é".encode()[:1], final=False), frame(CONTINUATION, "é".encode()[1:])],
        echo,
    ),
    "a ping between fragments": (
        OPEN,
        [frame(TEXT, b"a", final=False), frame(PING, b"?"), frame(CONTINUATION, b"b")],
        echo,
    ),
    "ping": (OPEN, [frame(PING, b"are you there")], listens),
    "empty ping": (OPEN, [frame(PING)], listens),
    "pong nobody asked for": (OPEN, [frame(PONG, b"here")], listens),
    "ping and text in one read": (OPEN, [frame(PING, b"1") + text("a") + frame(PING, b"2")], echo),
    "ping before the 101": (OPEN, [frame(PING, b"early")], slow_to_accept),
    "close 1000": (OPEN, [close(1000)], listens),
    "close without a code": (OPEN, [close(None)], listens),
    "close with a reason": (OPEN, [close(1001, b"going")], listens),
    "close 3000": (OPEN, [close(3000)], listens),
    "close 4999": (OPEN, [close(4999, "tschüß".encode())], listens),
    "close 1005": (OPEN, [close(1005)], listens),
    "close 1006": (OPEN, [close(1006)], listens),
    "close 1014": (OPEN, [close(1014)], listens),
    "close 1015": (OPEN, [close(1015)], listens),
    "close 999": (OPEN, [close(999)], listens),
    "close 5000": (OPEN, [close(5000)], listens),
    "close of one byte": (OPEN, [frame(CLOSE, b"\x03")], listens),
    "close with bad utf-8": (OPEN, [close(1000, b"\xff")], listens),
    "close in the middle of a message": (OPEN, [frame(TEXT, b"a", final=False), close()], listens),
    "frames behind a close": (OPEN, [close() + text("late")], listens),
    "bad close frame in the middle of a message": (
        OPEN,
        [frame(TEXT, b"a", final=False), frame(CLOSE, b"\x03")],
        listens,
    ),
    "the client just leaves": (OPEN, [text("a")], listens),
    "unmasked": (OPEN, [text("hi", masked=False)], echo),
    "unmasked behind a good one": (OPEN, [text("a"), text("hi", masked=False)], echo),
    "a good one lost before an unmasked one": (OPEN, [text("a") + text("hi", masked=False)], listens),
    "a ping before an unmasked one in one read": (OPEN, [frame(PING, b"p") + text("hi", masked=False)], listens),
    "an opcode that is none": (OPEN, [frame(3, b"x")], listens),
    "a control opcode that is none": (OPEN, [frame(11, b"x")], listens),
    "reserved bit 1": (OPEN, [text("hi", reserved=4)], listens),
    "reserved bit 2": (OPEN, [text("hi", reserved=2)], listens),
    "reserved bit 3 of a ping": (OPEN, [frame(PING, reserved=1)], listens),
    "reserved bit in half a frame": (OPEN, [text("hello", reserved=2)[:8]], listens),
    "unmasked and an unknown opcode": (OPEN, [frame(3, b"x", masked=False)], listens),
    "control frame too long": (OPEN, [frame(PING, b"x" * 126)], listens),
    "control frame in fragments": (OPEN, [frame(PING, b"x", final=False)], listens),
    "control frame too long and in fragments": (OPEN, [frame(PING, b"x" * 130, final=False, reserved=1)], listens),
    "continuation of nothing": (OPEN, [frame(CONTINUATION, b"x")], listens),
    "text where a continuation belongs": (OPEN, [frame(TEXT, b"a", final=False), text("b")], listens),
    "bad utf-8": (OPEN, [frame(TEXT, b"a\xffb")], listens),
    "utf-8 cut short": (OPEN, [frame(TEXT, "é".encode()[:1])], listens),
    "a surrogate": (OPEN, [frame(TEXT, b"\xed\xa0\x80")], listens),
    "bad utf-8 in fragments": (OPEN, [frame(TEXT, b"\xff", final=False), frame(CONTINUATION, b"x")], listens),
    "bad utf-8, then text, in one read": (OPEN, [frame(TEXT, b"\xff") + text("a")], listens),
    "text, then bad utf-8, in one read": (OPEN, [text("a") + frame(TEXT, b"\xff")], listens),
    "bad utf-8, then close, in one read": (OPEN, [frame(TEXT, b"\xff") + close()], listens),
    "bad utf-8 after the app closed": (OPEN, [text("a"), frame(TEXT, b"\xff"), close(4000)], closes_after_one),
    "half a frame": (OPEN, [text("hello")[:7]], listens),
    "half a header": (OPEN, [frame(BINARY, LARGE)[:5]], listens),
    "too big": (OPEN, [frame(BINARY, claims=(16 << 20) + 1)], listens),
    "a length of 64 bits": (OPEN, [frame(BINARY, claims=(1 << 63) + 5, form=8)], listens),
    "too big together": (OPEN, [frame(BINARY, b"x" * 10, final=False), frame(CONTINUATION, claims=16 << 20)], listens),
    "bytes that are no frames": (OPEN, [b"GET / HTTP/1.1\r\n\r\n"], listens),
    # compression
    "deflated": (WITH_DEFLATE, deflated(b"hello", b"hello"), echo),
    "deflated binary": (WITH_DEFLATE, deflated(b"\x00\xff" * 3000, opcode=BINARY), echo),
    "deflated without takeover": (
        handshake(field(EXTENSIONS, "permessage-deflate; client_no_context_takeover; server_no_context_takeover")),
        [frame(TEXT, Deflater()(b"hello"), reserved=4)] * 2,
        echo,
    ),
    "not deflated though agreed": (WITH_DEFLATE, [text("plain"), *deflated(b"packed")], echo),
    "deflated fragments": (
        WITH_DEFLATE,
        [frame(TEXT, Deflater()(b"hello")[:3], reserved=4, final=False), frame(CONTINUATION, Deflater()(b"hello")[3:])],
        echo,
    ),
    "deflated, bit in a continuation": (
        WITH_DEFLATE,
        [frame(TEXT, Deflater()(b"hello")[:3], reserved=4, final=False), frame(CONTINUATION, b"x", reserved=4)],
        listens,
    ),
    "deflated, bit in a ping": (WITH_DEFLATE, [frame(PING, reserved=4)], listens),
    "no deflate stream": (WITH_DEFLATE, [frame(TEXT, b"\xff\xff\xff\xff", reserved=4)], listens),
    "deflated, and reserved bit 2": (WITH_DEFLATE, [frame(TEXT, Deflater()(b"hello"), reserved=6)], listens),
    "deflated, more than may be": (WITH_DEFLATE, [frame(BINARY, Deflater()(bytes(17 << 20)), reserved=4)], listens),
    "deflated, empty": (WITH_DEFLATE, [frame(TEXT, b"", reserved=4)], echo),
    "deflated, bad utf-8": (WITH_DEFLATE, deflated(b"\xff"), listens),
    "deflated, long": (WITH_DEFLATE, deflated(bytes(range(256)) * 200, opcode=BINARY), echo),
    # what the application does
    "accept without receiving": (OPEN, [text("a")], sends(ACCEPT, first=False, then=3)),
    "subprotocol": (handshake(field(PROTOCOLS, "chat")), [text("{}")], reads_json),
    "subprotocol nobody asked for": (OPEN, [], sends({**ACCEPT, "subprotocol": "odd"}, then=1)),
    "subprotocol of bytes": (OPEN, [], sends({**ACCEPT, "subprotocol": b"odd"}, then=1)),
    "subprotocol beyond latin-1": (OPEN, [], tries({**ACCEPT, "subprotocol": "č"}, ACCEPT)),
    "headers": (OPEN, [], sends({**ACCEPT, "headers": [(b"Set-Cookie", b"a=1"), (b"set-cookie", b"b=\xe9")]}, then=1)),
    "a header with a line end": (OPEN, [], tries({**ACCEPT, "headers": [(b"x", b"a\r\nb: c")]}, ACCEPT)),
    "headers None": (OPEN, [], tries({**ACCEPT, "headers": None}, ACCEPT)),
    "headers of text": (OPEN, [], tries({**ACCEPT, "headers": [("x", "y")]}, ACCEPT)),
    "accept twice": (OPEN, [], tries(ACCEPT, ACCEPT, then=1)),
    "send before accept": (OPEN, [], tries(send_text("a"), ACCEPT, then=1)),
    "close before accept": (OPEN, [], sends(closes(4401, "who?"), then=2)),
    "close before accept, then accept": (OPEN, [], tries(closes(), ACCEPT, closes())),
    "close": (OPEN, [close(1000)], sends(ACCEPT, closes(), then=2)),
    "close and no answer": (OPEN, [], sends(ACCEPT, closes(1001, "away"), then=2)),
    "close twice": (OPEN, [], tries(ACCEPT, closes(), closes(), then=2)),
    "send after close": (OPEN, [], tries(ACCEPT, closes(), send_text("a"))),
    "close with a code that may not be sent": (OPEN, [], tries(ACCEPT, closes(1005), then=1)),
    "close with code 999": (OPEN, [], tries(ACCEPT, closes(999), send_text("still open"), then=1)),
    "close with a code of text": (OPEN, [], tries(ACCEPT, closes("1000"), then=1)),
    "close with a long reason": (OPEN, [], tries(ACCEPT, closes(1000, "x" * 124), then=1)),
    "close with reason None": (OPEN, [], sends(ACCEPT, closes(1000, None), then=1)),
    "close after one message, client answers": (OPEN, [text("a"), close(4000, b"done")], closes_after_one),
    "close after one message, client sends more": (OPEN, [text("a"), text("b"), close(4000)], closes_after_one),
    "close after one message, client answers wrongly": (OPEN, [text("a"), text("b", masked=False)], closes_after_one),
    "send bytes and text": (OPEN, [], sends(ACCEPT, {"type": "websocket.send", "bytes": b"b", "text": "t"}, then=1)),
    "send neither": (OPEN, [], sends(ACCEPT, {"type": "websocket.send"}, then=1)),
    "send text of bytes": (OPEN, [], tries(ACCEPT, send_text(b"x"), then=1)),
    "send bytes of text": (OPEN, [], tries(ACCEPT, {"type": "websocket.send", "bytes": "x"}, then=1)),
    "send bytes of text, deflated": (WITH_DEFLATE, [], tries(ACCEPT, {"type": "websocket.send", "bytes": "x"}, then=1)),
    "send bytes of a number": (OPEN, [], tries(ACCEPT, {"type": "websocket.send", "bytes": 3}, then=1)),
    "send bytes of a list": (OPEN, [], tries(ACCEPT, {"type": "websocket.send", "bytes": [1]}, then=1)),
    "send a bytearray": (OPEN, [], sends(ACCEPT, {"type": "websocket.send", "bytes": bytearray(b"ab")}, then=1)),
    "send a surrogate": (OPEN, [], tries(ACCEPT, send_text("\ud800"), then=1)),
    "send much": (OPEN, [], sends(ACCEPT, {"type": "websocket.send", "bytes": LARGE}, then=1)),
    "send much, deflated": (WITH_DEFLATE, [], sends(ACCEPT, *[{"type": "websocket.send", "bytes": LARGE}] * 2, then=1)),
    "unknown message": (OPEN, [], tries({"type": "websocket.nonsense"}, ACCEPT, {"type": "websocket.nonsense"})),
    "an http answer": (OPEN, [], tries({"type": "http.response.start", "status": 200}, closes())),
    "no dict": (OPEN, [], tries(ACCEPT, {"type": None}, then=1)),
    "denial": (OPEN, [], denies(401, b"no", headers=[(b"WWW-Authenticate", b"Basic")])),
    "denial in parts": (OPEN, [], denies(403, b"a", b"b", b"")),
    "denial with its own headers": (
        OPEN,
        [],
        denies(418, b"x", headers=[(b"content-type", b"a/b"), (b"connection", b"keep-alive"), (b"date", b"never")]),
    ),
    "denial with a header twice": (OPEN, [], denies(400, b"x", headers=[(b"date", b"a"), (b"date", b"b")])),
    "denial with a bad header": (OPEN, [], denies(400, b"x", headers=[(b"x", b"a\nb")])),
    "denial with a status nobody knows": (OPEN, [], denies(499, b"x")),
    "denial with status 99": (OPEN, [], denies(99, b"x")),
    "denial with status 600": (OPEN, [], denies(600, b"x")),
    "denial of text": (OPEN, [], denies(400, "x")),
    "denial, then accept": (OPEN, [], tries({"type": "websocket.http.response.start", "status": 403}, ACCEPT)),
    "denial twice": (
        OPEN,
        [],
        tries(
            {"type": "websocket.http.response.start", "status": 403},
            {"type": "websocket.http.response.body", "body": b"a"},
            {"type": "websocket.http.response.body", "body": b"b"},
        ),
    ),
    "denial without a body key": (
        OPEN,
        [],
        tries({"type": "websocket.http.response.start", "status": 403}, {"type": "websocket.http.response.body"}),
    ),
    "denial without a body": (OPEN, [], sends({"type": "websocket.http.response.start", "status": 403})),
    "denial after accept": (OPEN, [], tries(ACCEPT, {"type": "websocket.http.response.start", "status": 403}, then=1)),
    "raises before accept": (OPEN, [], raises()),
    "raises after accept": (OPEN, [text("a")], raises(ACCEPT)),
    "raises after close": (OPEN, [], raises(ACCEPT, closes())),
    "raises after a refusal": (OPEN, [], raises(closes())),
    "raises in a denial": (OPEN, [], raises({"type": "websocket.http.response.start", "status": 403})),
    "returns before accept": (OPEN, [], sends()),
    "returns at once": (OPEN, [], sends(first=False)),
    "returns after accept": (OPEN, [text("a")], sends(ACCEPT)),
    "returns after close": (OPEN, [close()], sends(ACCEPT, closes())),
    "returns a value": (OPEN, [text("a")], returns_a_value),
    "changes its scope": (OPEN, [], changes_its_scope),
    "sends after the client left": (OPEN, [text("a")], sends_after_the_client_left),
    "sends after the client closed": (OPEN, [close()], sends_after_the_client_left),
    "slow to accept": (OPEN, [text("a"), text("b")], slow_to_accept),
    "slow to answer": (OPEN, [text("a"), text("b"), text("c"), close()], slow_to_answer),
    "slow to answer, all at once": (OPEN, [text("a") + text("b") + text("c")], slow_to_answer),
    "pushes": (OPEN, [close()], pushes),
    "pushes, client silent": (OPEN, [], pushes),
    "two listeners": (OPEN, [text("1"), text("2"), text("3"), text("4"), close()], two_listeners),
    "frames in the handshake's read": (OPEN + text("lost"), [text("kept")], echo),
    "half a frame in the handshake's read": (OPEN + text("lost")[:5], [text("lost")[5:]], echo),
    "behind a plain request": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + OPEN, [text("a")], echo),
}


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_conversations(parser: Parser, name: str) -> None:
    """Messages, what send() raises, and every byte to the client."""
    opening, reads, app = CONVERSATIONS[name]

    same(parser, [opening, *reads], app)


@st.composite
def any_reads(draw: st.DrawFn) -> list[bytes]:
    """Frames that mostly make sense, in reads that mostly hold a frame each."""
    frames = draw(st.lists(ANY_FRAME, max_size=8))
    data = b"".join(frames)
    way = draw(st.sampled_from(["a frame a read", "all at once", "anywhere"]))
    if way == "a frame a read" or not data:
        return frames
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=5))) if way == "anywhere" else []
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True) if start < end]


PAYLOADS = st.one_of(
    st.binary(max_size=4),
    st.sampled_from([b"hello", "é".encode(), "é".encode()[:1], "é".encode()[1:], b"x" * 126]),
    st.sampled_from([Deflater()(b"hello"), Deflater()(b"hello")[:3], Deflater()(b"x" * 300)]),
    st.sampled_from([b"\x03\xe8", b"\x03\xe8bye", b"\x03", b"\x00\x00"]),
)
ANY_FRAME = st.builds(
    frame,
    st.sampled_from([TEXT, TEXT, BINARY, CONTINUATION, CONTINUATION, PING, PONG, CLOSE, 3]),
    PAYLOADS,
    final=st.sampled_from([True, True, False]),
    reserved=st.sampled_from([0, 0, 0, 0, 4, 4, 2]),
    masked=st.sampled_from([True] * 12 + [False]),
    form=st.sampled_from([0, 0, 0, 2, 8]),
)


@pytest.mark.parametrize("opening", [OPEN, WITH_DEFLATE], ids=["plain", "deflate"])
@pytest.mark.parametrize("app", [echo, listens, closes_after_one, slow_to_answer])
@settings(max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES == 25, suppress_health_check=list(HealthCheck))
@given(reads=any_reads())
def test_any_frames(opening: bytes, app: App, reads: list[bytes]) -> None:
    """Frames that nobody thought of, in any reads."""
    same("h11", [opening, *reads], app)


LIMITS: dict[str, tuple[list[bytes], int]] = {
    "exactly": ([frame(BINARY, b"x" * 10)], 10),
    "one more": ([frame(BINARY, b"x" * 11)], 10),
    "fragments exactly": ([frame(BINARY, b"x" * 6, final=False), frame(CONTINUATION, b"x" * 4)], 10),
    "fragments one more": ([frame(BINARY, b"x" * 6, final=False), frame(CONTINUATION, b"x" * 5)], 10),
    "a ping in a full message": ([frame(BINARY, b"x" * 10, final=False), frame(PING, b"p")], 10),
    "inflated exactly": (deflated(b"x" * 10), 10),
    "inflated one more": (deflated(b"x" * 11), 10),
    "inflated in a full message": (
        [frame(TEXT, b"x" * 10, final=False), frame(CONTINUATION, b"")],
        10,
    ),
    "inflated, 3000 compressed bytes": (
        [frame(BINARY, Deflater()(bytes(i * i % 251 for i in range(4000))), reserved=4)],
        3990,
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits(name: str) -> None:
    """--ws-max-size counts the message, not the frame, and before it is inflated too."""
    reads, limit = LIMITS[name]
    changed = replace(SETTINGS, ws_max_size=limit)

    same("httptools", [WITH_DEFLATE, *reads], listens, changed, ws_max_size=limit)


def test_without_compression() -> None:
    """--ws-per-message-deflate false: the offer is passed over."""
    changed = replace(SETTINGS, ws_per_message_deflate=False)

    same("h11", [WITH_DEFLATE, text("a")], echo, changed, ws_per_message_deflate=False)


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", ["plain", "query and escapes", "forwarded"])
def test_settings(parser: Parser, name: str) -> None:
    """root_path stands before the path, and no proxy header is heeded where that is off."""
    changed = replace(SETTINGS, root_path="/mount", proxy_headers=False)

    same(parser, [HANDSHAKES[name]], echo, changed, root_path="/mount", proxy_headers=False)


@pytest.mark.parametrize("parser", PARSERS)
def test_byte_by_byte(parser: Parser) -> None:
    """The handshake and the frames in reads of one byte."""
    data = handshake(DEFLATE, field(PROTOCOLS, "a, b"))
    frames = b"".join([text("hello"), *deflated(b"hello hello"), frame(PING, b"?"), close(1001, b"bye")])

    same(parser, [*(bytes([byte]) for byte in data), *(bytes([byte]) for byte in frames)], echo)


@pytest.mark.parametrize("parser", PARSERS)
def test_without_websockets(parser: Parser) -> None:
    """--ws none: an ordinary request."""
    changed = replace(SETTINGS, websockets=False)

    same(parser, [OPEN], oracle.reads_then_answers, changed, ws="none")
