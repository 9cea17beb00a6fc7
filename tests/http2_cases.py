"""What a client may send over HTTP/2, by name: each a list of frames behind the opening."""

from __future__ import annotations

from asgi_inspect.servers.http2_frames import FrameType, frame_bytes
from tests.http2_frames import (
    ACK,
    END_HEADERS,
    END_STREAM,
    GET,
    PADDED,
    POST,
    PRIORITY,
    block,
    data,
    goaway,
    headers,
    rst_stream,
    settings,
    window_update,
    with_path,
    without,
)

_OPEN = headers(POST, end=False)
_PING = frame_bytes(FrameType.PING, 0, 0, b"12345678")
_HALVES = (block(GET)[:4], block(GET)[4:])
_CONNECT = [(b":method", b"CONNECT"), *GET[1:]]
_EXTENDED = [*_CONNECT[:1], (b":protocol", b"websocket"), *_CONNECT[1:]]

REQUESTS: dict[str, bytes] = {
    "get": headers(GET),
    "post": _OPEN + data(b"hello"),
    "post in three frames": _OPEN + data(b"he", end=False) + data(b"ll", end=False) + data(b"o"),
    "post, end in an empty frame": _OPEN + data(b"hello", end=False) + data(b""),
    "post of nothing": _OPEN + data(b""),
    "post with a length": headers([*POST, (b"content-length", b"5")], end=False) + data(b"hello"),
    "content-length 0": headers([*POST, (b"content-length", b"0")]),
    "no authority": headers(without(b":authority")),
    "host for authority": headers([*without(b":authority"), (b"host", b"h")]),
    "host and authority": headers([*GET, (b"host", b"example.org")]),
    "empty authority": headers([*without(b":authority"), (b":authority", b"")]),
    "cookies": headers([*GET, (b"cookie", b"a=1"), (b"x", b"y"), (b"cookie", b"b=2")]),
    "path with escapes": headers(with_path(b"/%C3%A9%2F%00?q=%20")),
    "path of a star": headers([(b":method", b"OPTIONS"), *with_path(b"*")[1:]]),
    "path without a slash": headers(with_path(b"a")),
    "path with a space": headers(with_path(b"/a b")),
    "path with a fragment": headers(with_path(b"/a#b?c")),
    "two question marks": headers(with_path(b"/a?b?c")),
    "another scheme": headers([(b":method", b"GET"), (b":scheme", b"https"), *GET[2:]]),
    "a scheme of no kind": headers([(b":method", b"GET"), (b":scheme", b"a b"), *GET[2:]]),
    "method in lower case": headers([(b":method", b"get"), *GET[1:]]),
    "head": headers([(b":method", b"HEAD"), *GET[1:]]),
    "te trailers": headers([*GET, (b"te", b"trailers")]),
    "a value with a tab": headers([*GET, (b"a", b"b\tc")]),
    "a value of no ASCII": headers([*GET, (b"a", b"\xff\xc3")]),
    "an empty value": headers([*GET, (b"a", b"")]),
    "forwarded": headers([*GET, (b"x-forwarded-for", b"1.2.3.4"), (b"x-forwarded-proto", b"https")]),
    "expect": headers([*POST, (b"expect", b"100-continue")], end=False) + data(b"hello"),
    "trailers": _OPEN + data(b"hello", end=False) + headers([(b"x", b"y")]),
    "padding": _OPEN + frame_bytes(FrameType.DATA, PADDED | END_STREAM, 1, b"\x02hello\0\0"),
    "padded headers": frame_bytes(
        FrameType.HEADERS, PADDED | END_HEADERS | END_STREAM, 1, b"\x01" + block(GET) + b"\0"
    ),
    "priority": frame_bytes(FrameType.HEADERS, 0x25, 1, b"\0\0\0\0\x10" + block(GET)),
    "a PRIORITY frame": frame_bytes(FrameType.PRIORITY, 0, 1, b"\0\0\0\0\x10") + headers(GET),
    "continuation": frame_bytes(FrameType.HEADERS, END_STREAM, 1, _HALVES[0])
    + frame_bytes(FrameType.CONTINUATION, END_HEADERS, 1, _HALVES[1]),
    "two streams": headers(GET) + headers(with_path(b"/2"), stream=3),
    "streams passed by": headers(GET) + headers(with_path(b"/2"), stream=9),
    "two bodies interleaved": _OPEN
    + headers(POST, stream=3, end=False)
    + data(b"a", end=False)
    + data(b"1", stream=3, end=False)
    + data(b"b")
    + data(b"2", stream=3),
    "a connect with a path": headers(_CONNECT),
    "an extended connect": headers(_EXTENDED, end=False) + data(b"x"),
    "a frame of no known type": frame_bytes(99, 0, 0, b"x") + headers(GET),
    "settings": settings((3, 100), (4, 1 << 20), (99, 1)) + headers(GET),
    "settings acknowledged": frame_bytes(FrameType.SETTINGS, ACK, 0) + headers(GET),
    "a ping": _PING + headers(GET) + _PING,
    "windows": window_update(1 << 20) + headers(GET) + window_update(1000, stream=1),
    "a long body": _OPEN + data(bytes(16384), end=False) * 3 + data(b"x"),
}

CLIENT_LEAVES: dict[str, bytes] = {
    "reset": _OPEN + data(b"he", end=False) + rst_stream(),
    "reset after the end": headers(GET) + rst_stream(),
    "reset of another": _OPEN + headers(GET, stream=3) + rst_stream(stream=3) + data(b"hello"),
    "goaway": headers(GET) + goaway(),
    "goaway alone": goaway(debug=b"bye"),
    "a request behind goaway": headers(GET) + goaway() + headers(GET, stream=3),
}

MALFORMED: dict[str, bytes] = {
    "capitals": headers([*GET, (b"X-Up", b"1")]),
    "a name with a space": headers([*GET, (b"a b", b"1")]),
    "no name": headers([*GET, (b"", b"1")]),
    "a value with CRLF": headers([*GET, (b"a", b"b\r\nc: d")]),
    "a value with a space before it": headers([*GET, (b"a", b" b")]),
    "connection": headers([*GET, (b"connection", b"close")]),
    "transfer-encoding": headers([*POST, (b"transfer-encoding", b"chunked")], end=False) + data(b"hello"),
    "upgrade": headers([*GET, (b"upgrade", b"websocket")]),
    "te": headers([*GET, (b"te", b"gzip")]),
    "no path": headers(without(b":path")),
    "no method": headers(without(b":method")),
    "no scheme": headers(without(b":scheme")),
    "an empty path": headers(with_path(b"")),
    "path twice": headers([*GET, (b":path", b"/b")]),
    "a response's": headers([*GET, (b":status", b"200")]),
    "pseudo-header behind": headers([*GET[:3], (b"a", b"b"), GET[3]]),
    "pseudo-header behind host": headers([*GET[:3], (b"host", b"b"), GET[3]]),
    "no method at all": headers([(b":method", b"G T"), *GET[1:]]),
    "connect": headers([(b":method", b"CONNECT"), (b":authority", b"h:1")]),
    "extended get": headers([*GET, (b":protocol", b"websocket")]),
    "extended without authority": headers(_EXTENDED[:-1]),
    "other host": headers([*GET, (b"host", b"other")]),
    "two hosts": headers([*GET[:3], (b"host", b"a"), (b"host", b"b")]),
    "length of no digits": headers([*POST, (b"content-length", b"+5")], end=False) + data(b"hello"),
    "two lengths": headers([*POST, (b"content-length", b"5"), (b"content-length", b"6")], end=False) + data(b"hello"),
    "length and nothing": headers([*POST, (b"content-length", b"5")]),
    "too short": headers([*POST, (b"content-length", b"5")], end=False) + data(b"hell"),
    "too long": headers([*POST, (b"content-length", b"5")], end=False) + data(b"hello!"),
    "trailers that do not end": _OPEN + headers([(b"x", b"y")], end=False),
    "pseudo-header in trailers": _OPEN + headers([(b":path", b"/")]),
    "length in trailers": _OPEN + headers([(b"content-length", b"0")]),
    "capitals in trailers": _OPEN + headers([(b"X", b"y")]),
    "content after the end": headers(GET) + data(b"x"),
    "content after a reset": _OPEN + rst_stream() + data(b"x"),
    "a window of nothing": _OPEN + window_update(0, stream=1) + data(b"x"),
    "a window too wide": _OPEN + window_update(2**31 - 1, stream=1) + data(b"x"),
    "a good one behind": headers([*GET, (b"X-Up", b"1")]) + headers(GET, stream=3),
    "a hundred and thirty at once": b"".join(headers(POST, stream=2 * n + 1, end=False) for n in range(130)),
}

BROKEN: dict[str, bytes] = {
    "an even stream": headers(GET, stream=2),
    "a lower stream": headers(GET, stream=5) + headers(GET, stream=3),
    "headers twice": headers(GET) + headers(GET),
    "headers after a reset": _OPEN + rst_stream() + headers(GET),
    "headers on stream 0": headers(GET, stream=0),
    "data on stream 0": data(b"x", stream=0),
    "data on an idle stream": data(b"x"),
    "reset of an idle stream": rst_stream(),
    "reset of stream 0": rst_stream(stream=0),
    "window of an idle stream": window_update(1, stream=1),
    "window of nothing": window_update(0),
    "window too wide": window_update(2**31 - 1),
    "continuation of nothing": frame_bytes(FrameType.CONTINUATION, END_HEADERS, 1),
    "continuation elsewhere": frame_bytes(FrameType.HEADERS, 0, 1, _HALVES[0])
    + frame_bytes(FrameType.CONTINUATION, END_HEADERS, 3, _HALVES[1]),
    "a ping inside a block": frame_bytes(FrameType.HEADERS, 0, 1, _HALVES[0]) + _PING,
    "a flood of continuations": frame_bytes(FrameType.HEADERS, 0, 1, block(GET))
    + frame_bytes(FrameType.CONTINUATION, 0, 1) * 17,
    "a block too large": frame_bytes(FrameType.HEADERS, 0, 1, block([(b"a", b"x" * 16000)]))
    + frame_bytes(FrameType.CONTINUATION, 0, 1, block([(b"a", b"x" * 16000)])) * 5,
    "a list too large": frame_bytes(
        FrameType.HEADERS, END_HEADERS, 1, block(GET) + b"\x40\x01a\x7f\x81\x1e" + b"x" * 3968 + b"\xbe" * 40
    ),
    "a push by the client": frame_bytes(FrameType.PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\2"),
    "a frame too large": b"\x00\x40\x01\x00\x00\x00\x00\x00\x01",
    "a ping of seven": frame_bytes(FrameType.PING, 0, 0, b"1234567"),
    "a ping on a stream": frame_bytes(FrameType.PING, 0, 1, b"12345678"),
    "settings on a stream": frame_bytes(FrameType.SETTINGS, 0, 1),
    "settings of five": frame_bytes(FrameType.SETTINGS, 0, 0, b"12345"),
    "settings acknowledged with more": frame_bytes(FrameType.SETTINGS, ACK, 0, b"123456"),
    "a window setting too large": settings((4, 1 << 31)),
    "push setting of two": settings((2, 2)),
    "a frame size too small": settings((5, 1)),
    "connect protocol taken back": settings((8, 1)) + settings((8, 0)),
    "goaway too short": frame_bytes(FrameType.GOAWAY, 0, 0, b"1234567"),
    "goaway on a stream": frame_bytes(FrameType.GOAWAY, 0, 1, bytes(8)),
    "padding longer than the frame": _OPEN + frame_bytes(FrameType.DATA, PADDED, 1, b"\x05abc"),
    "padded and empty": _OPEN + frame_bytes(FrameType.DATA, PADDED, 1),
    "a priority too short": frame_bytes(FrameType.HEADERS, END_HEADERS | PRIORITY, 1, b"\0\0"),
    "hpack cut": frame_bytes(FrameType.HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff"),
    "hpack index 0": frame_bytes(FrameType.HEADERS, END_HEADERS, 1, b"\x80"),
    "hpack index of nothing": frame_bytes(FrameType.HEADERS, END_HEADERS, 1, b"\xff\x20"),
    "hpack table too large": frame_bytes(FrameType.HEADERS, END_HEADERS, 1, b"\x3f\xe2\x1f"),
    "hpack table behind a field": frame_bytes(FrameType.HEADERS, END_HEADERS, 1, b"\x82\x20"),
    "hpack code of no letter": frame_bytes(FrameType.HEADERS, END_HEADERS, 1, b"\x00\x81\xff\x81\xff"),
    "a good one before": headers(GET) + data(b"x", stream=7),
    "too many resets": b"".join(
        headers(POST, stream=2 * n + 1, end=False) + rst_stream(stream=2 * n + 1) for n in range(258)
    ),
}

CASES = {**REQUESTS, **CLIENT_LEAVES, **MALFORMED, **BROKEN}
