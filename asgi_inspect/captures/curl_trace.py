"""`curl --trace` (every byte, in hex) and `--trace-ascii` (one '.' for each byte it cannot draw).

A block is a heading with a count, and rows that count offsets, so a capture that lost a row is
noticed. The ascii form leaves CR LF out and counts it: the next offset tells it from a wrapped row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ..findings import Finding, Severity
from .capture import Capture, Fidelity
from .curl_connections import FRAMES, METER, STAMP, Connections, as_http1, is_frames, is_noise, opens_log
from .gathering import Gathering
from .messages import content_length, without_chunks
from .refusal import refuse

_HEADING = re.compile(
    METER
    + STAMP
    + rb"(?:== Info: ([^\n]*)|(=> Send|<= Recv) (SSL data|header|data), (\d+) bytes \(0x[0-9a-f]+\)\r?)(?:\n|$)"
)
_FIRST = re.compile(
    rb"(?m)^" + METER + STAMP + rb"(?:== Info: |(?:=> Send|<= Recv) (?:SSL data|header|data), \d+ bytes \(0x)"
)
_SEND = re.compile(rb"=> Send (?:header|data)[^\n]*\n([^\n]*)")
_HEX_ROW = re.compile(rb"0000: (?:[0-9a-f]{2} ){1,16}")
# What 7.x says of a body that it read in pieces, and never of one that went out with the head.
_SEPARATE_BODY = b"We are completely uploaded and fine"
# Dots that curl itself wrote: the version, an address, its own name.
_OWN_DOTS = re.compile(rb" HTTP/1\.[01](?=\r\n)|(?<=\r\n)(?:Host|User-Agent): [^\r\n]*")
_DOTTED = bytes(code if 0x20 <= code < 0x7F else 0x2E for code in range(256))
AGAIN: Final = "Make it again with: curl --trace FILE URL"
HEX: Final = "curl-trace"
ASCII: Final = "curl-trace-ascii"

Rows = Callable[[bytes, int, int, str], tuple[bytes, int]]


def recognise(head: bytes) -> str | None:
    """Why this is a hex trace, or None."""
    return "the rows under its => Send headings are hexadecimal" if _form(head) == HEX else None


def recognise_ascii(head: bytes) -> str | None:
    """Why this is an ascii trace, or None."""
    return "the rows under its => Send headings are text" if _form(head) == ASCII else None


def _form(head: bytes) -> str | None:
    first = _FIRST.search(head, 0, 20_000)
    if not first or not opens_log(head[: first.start()]):
        return None
    send = _SEND.search(head, first.start())
    if send is None:
        return HEX if _HEX_ROW.search(head, first.start()) else ASCII
    return HEX if _HEX_ROW.match(send[1]) else ASCII


def read(data: bytes, source: str) -> Capture:
    """The client's bytes of a hex trace, exact, with the writes they left in."""
    return _read(data, source, HEX, hex_rows)


def read_ascii(data: bytes, source: str) -> Capture:
    """The client's bytes of an ascii trace, exact but for each '.' that may stand for another byte."""
    return _read(data, source, ASCII, ascii_rows)


def hex_rows(data: bytes, position: int, count: int, source: str) -> tuple[bytes, int]:
    """`count` bytes out of the rows at `position`, and the offset after them."""
    pairs: list[bytes] = []
    begin = position
    for offset in range(0, count, 16):
        end = data.find(b"\n", position)
        end = len(data) if end < 0 else end
        label = b"%04x: " % offset
        if not data.startswith(label, position):
            raise refuse(source, data, position, f'expected row "{label.decode()}" of a block of {count} bytes', AGAIN)
        start = position + len(label)
        pairs.append(data[start : min(start + 3 * min(16, count - offset), end)])
        position = end + 1
    try:
        found = bytes.fromhex(b" ".join(pairs).decode("ascii"))
    except ValueError:
        found = b""
    if len(found) != count:
        raise refuse(source, data, begin, f"the rows from here on do not hold {count} bytes in hex", AGAIN)
    return found, min(position, len(data))


def ascii_rows(data: bytes, position: int, count: int, source: str) -> tuple[bytes, int]:
    """`count` bytes out of the rows at `position`; a next offset that is two further says CR LF."""
    parts: list[bytes] = []
    offset = 0
    while offset < count:
        end = data.find(b"\n", position)
        end = len(data) if end < 0 else end
        label = b"%04x: " % offset
        if not data.startswith(label, position):
            raise refuse(source, data, position, f'expected row "{label.decode()}" of a block of {count} bytes', AGAIN)
        row = data[position + len(label) : end].rstrip(b"\r")
        offset += len(row)
        line_end = offset + 2 == count or data.startswith(b"%04x: " % (offset + 2), end + 1)
        if offset > count or not (line_end or row):
            raise refuse(source, data, position, f"the row does not fit into a block of {count} bytes", AGAIN)
        parts.append(row + b"\r\n" if line_end else row)
        offset += 2 * line_end
        position = end + 1
    return b"".join(parts), min(position, len(data))


class Block(NamedTuple):
    """One heading and what its rows hold; `kind` is info, header, data or SSL data."""

    ids: bytes | None
    kind: str
    sent: bool
    text: bytes


def blocks(data: bytes, source: str, rows: Rows) -> Iterator[Block]:
    """The blocks in order. A response body printed between them (`--trace -`) is stepped over."""
    position, came, mixed, doubled = 0, b"", True, False  # mixed: other output may stand here
    while position < len(data):
        heading = _HEADING.match(data, position)
        if heading is None or _stands(came, data, position):
            if not (mixed or is_noise(data[position : position + 200])):
                raise refuse(source, data, position, "expected a heading such as => Send header", AGAIN)
            position, came = _past_output(data, position, came), b""
            continue
        ids, info, way, kind, count = heading.groups()
        position = heading.end()
        if info is not None:
            doubled = doubled or (ids is not None and info.startswith(ids))
            yield Block(ids, "info", False, _once(info.rstrip(b"\r"), ids, doubled))
            continue
        text, position = rows(data, position, int(count), source)
        text = _once(text, ids, doubled)
        came = text if kind == b"data" and way == b"<= Recv" else b""
        mixed = came != b""
        yield Block(ids, kind.decode(), way == b"=> Send", text)


def _once(text: bytes, ids: bytes | None, doubled: bool) -> bytes:
    """`--trace-config all` (8.14) repeats the ids inside what it prints and counts them."""
    return text[len(ids) :] if doubled and ids and text.startswith(ids) else text


def _past_output(data: bytes, position: int, came: bytes) -> int:
    """Past the response body that stands here if it does, else past the line."""
    for body in (came, without_chunks(came)):
        if _stands(body, data, position):
            return position + len(body)
    end = data.find(b"\n", position)
    return len(data) if end < 0 else end + 1


def _stands(body: bytes, data: bytes, position: int) -> bool:
    """Whether `body` stands at `position`; an ascii trace has shown it with dots."""
    if not body or data.startswith(body, position):
        return body != b""
    there = data[position : position + len(body)]
    return len(there) == len(body) and there.translate(_DOTTED) == body.replace(b"\r\n", b"..")


@dataclass(slots=True)
class _Trace:
    """What the blocks say, put together."""

    out: Gathering = field(default_factory=Gathering)
    dots: int = 0
    frames: bool = False
    held: tuple[Hashable, bytes, list[bytes]] | None = None  # an HTTP/2 request of unknown length

    def request(self, key: Hashable, head: bytes) -> None:
        """A head left; HTTP/2's is text that curl made up."""
        self.dots += head.count(b".") - sum(own.count(b".") for own in _OWN_DOTS.findall(head))
        if not is_frames(head):
            self.out.sent(key, head)
            return
        self.frames = True
        if content_length(head) is None:
            self.held = (key, as_http1(head), [])
        else:
            self.out.sent(key, as_http1(head))

    def content(self, key: Hashable, text: bytes, *, adjacent: bool) -> None:
        """A piece of body left."""
        self.dots += text.count(b".")
        if self.held:
            self.held[2].append(text)
        else:
            self.out.sent(key, text, same_write=adjacent)

    def settle(self) -> None:
        """An HTTP/2 request is complete: its body gets the length that HTTP/1.1 needs."""
        if self.held:
            key, head, parts = self.held
            body = b"".join(parts)
            length = b"Content-Length: %d\r\n\r\n" % len(body) if body else b"\r\n"
            self.out.sent(key, head[:-2] + length + body)
            self.held = None

    def capture(self, source: str, format: str, *, guessed: bool) -> Capture:
        """The capture, with how far it can be believed."""
        if self.frames:
            self.out.note(FRAMES)
            return self.out.capture(source, format, fidelity=Fidelity.RECONSTRUCTED)
        if format == ASCII and self.dots:
            self.out.note(_doubt(self.dots))
        doubtful = guessed or (format == ASCII and self.dots > 0)
        fidelity = Fidelity.REPAIRED if doubtful else Fidelity.EXACT
        return self.out.capture(source, format, fidelity=fidelity, segments=True, responses=not guessed)


def _read(data: bytes, source: str, format: str, rows: Rows) -> Capture:
    trace = _Trace()
    connections = Connections(trace.out)
    before = Block(None, "info", False, b"")
    for block in blocks(data, source, rows):
        if block.kind == "info":
            connections.info(block.text)
            if block.text.startswith(_SEPARATE_BODY):
                trace.out.apart(connections.of(block.ids))
        elif block.kind == "header" and block.sent:
            trace.settle()
            trace.request(connections.request(block.ids), block.text)
        elif block.kind == "data" and block.sent:
            adjacent = before.kind == "header" and before.sent and before.ids == block.ids
            trace.content(connections.of(block.ids), block.text, adjacent=adjacent)
        elif block.kind != "SSL data":
            trace.settle()
            trace.out.received(connections.of(block.ids), block.text)
        before = block
    trace.settle()
    return trace.capture(source, format, guessed=connections.confess())


def _doubt(dots: int) -> Finding:
    many = "1 byte is" if dots == 1 else f"{dots} bytes are"
    return Finding(
        rule="bytes-guessed",
        severity=Severity.WARNING,
        message=f"{many} printed as '.', which stands for itself or for any byte that is not printable ASCII.",
        help="Capture it with curl --trace, which prints every byte.",
    )
