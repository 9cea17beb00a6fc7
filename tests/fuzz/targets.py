"""What is fuzzed: a target takes any bytes, and must not raise, take a second, or answer differently twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from asgi_inspect import Inspection, inspect
from asgi_inspect.captures import known_formats
from asgi_inspect.events import PREFACE
from asgi_inspect.exit_codes import ExitCode
from asgi_inspect.report import FORMATS, rendered
from asgi_inspect.servers.uvicorn import PARSERS

HERE = Path(__file__).parent
CASES = HERE / "cases"
LONGEST = 1.0  # seconds of this process's time
DATE = "Thu, 01 Jan 1970 00:00:00 GMT"
HANDSHAKE = (
    b"GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%b\r\n"
)
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"

Target = Callable[[bytes], object]


def _parsed(parser: str) -> Target:
    """The first byte decides how the bytes arrive."""

    def run(data: bytes) -> Inspection:
        sizes = (65536, 1, 2, 3, 5, 8, 13, 64)
        size = sizes[data[0] % len(sizes)] if data else 1
        return inspect(data[1:], from_="raw", strict_bytes=True, parser=parser, read_size=size, date=DATE)

    return run


def _captured(format_: str) -> Target:
    return lambda data: inspect(data, from_=format_, date=DATE)


def _frames(data: bytes) -> Inspection:
    extension = DEFLATE if data[:1] > b"\x7f" else b""
    return inspect(HANDSHAKE % extension + data[1:], from_="raw", strict_bytes=True, date=DATE)


def _over_http2(data: bytes) -> Inspection:
    return inspect(PREFACE + data, from_="raw", strict_bytes=True, date=DATE)


def _rendering(form: str) -> Target:
    def run(data: bytes) -> bytes:
        inspection = inspect(data, parser="both", date=DATE)
        return rendered(inspection, form, "", True, 100, "never", "", ExitCode.OK)

    return run


def _redacted(data: bytes) -> Inspection:
    plain, hidden = inspect(data, date=DATE), inspect(data, date=DATE, redact=True)
    for one, other in zip(plain.capture.connections, hidden.capture.connections, strict=True):
        assert len(one.data) == len(other.data)
        seen = [*plain.exchanges, *(plain.other.exchanges if plain.other else ())]
        # Frames are masked: a hidden octet may come out as a line end.
        if not any(exchange.websocket or exchange.http2 for exchange in seen):
            assert one.data.count(b"\n") == other.data.count(b"\n")
    assert [e.span for e in plain.exchanges] == [e.span for e in hidden.exchanges]
    return hidden


TARGETS: dict[str, Target] = {
    **{f"parser-{parser}": _parsed(parser) for parser in PARSERS},
    **{f"capture-{name}": _captured(name) for name in known_formats()},
    "frames": _frames,
    "http2": _over_http2,
    **{f"render-{form}": _rendering(form) for form in sorted({*FORMATS.values(), "github"})},
    "redaction": _redacted,
}


def check(name: str, data: bytes) -> None:
    """Run a target twice. Raises AssertionError where it was slow, or where the results differ."""
    target = TARGETS[name]
    began = time.process_time()
    first = target(data)
    taken = time.process_time() - began
    assert taken < LONGEST, f"{name} took {taken:.1f} s for {len(data)} bytes"
    assert target(data) == first, f"{name} gave two results for the same bytes"


def cases() -> Iterator[tuple[str, Path]]:
    """What fuzzing has found, as `cases/TARGET/…`."""
    for name in TARGETS:
        yield from ((name, path) for path in sorted((CASES / name).glob("*")))
