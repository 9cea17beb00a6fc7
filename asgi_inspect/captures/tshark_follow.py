"""tshark's "follow TCP stream": what each side sent, piece by piece; exact as raw, hex and yaml.

Its ascii mode puts a dot, its utf-8 mode U+FFFD, where a byte cannot be drawn; both are guesses, told
with their number.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from ..findings import Finding, Severity
from .capture import Capture
from .gathering import Gathering
from .guesses import counted, dots, guessed
from .refusal import refuse

FORMAT: Final = "tshark-follow"
YAML: Final = "tshark-yaml"
_HEAD = re.compile(
    rb"\s*={20,}\r?\nFollow: (?:tcp|http),(raw|hex|ascii|utf-8)\r?\nFilter: [^\n]*\nNode 0: [^\n]*\nNode 1: [^\n]*\n"
)
_RULE = re.compile(rb"={20,}\r?\n?")
_RAW_LINE = re.compile(rb"(\t?)([0-9a-f]*)\r?(?:\n|$)")
_HEX_LINE = re.compile(rb"(\t?)([0-9A-F]{8}) {2}((?:[0-9a-f]{2} {1,2}){1,16})[^\n]*(?:\n|$)")
_YAML_MARK = re.compile(rb"\s*peers:\r?\n +- peer: 0\r?\n")
_YAML_PACKET = re.compile(
    rb" *- packet: \d+\r?\n +peer: ([01])\r?\n(?: +index: [^\n]*\n)?(?: +timestamp: [^\n]*\n)?"
    rb" +data: !!binary \|\r?\n((?: ++[A-Za-z0-9+/=]++\r?\n?)*+)"
)
_LENGTH_LINE = re.compile(rb"(\t?)(\d{1,18})\r?\n")
_REPLACED: Final = "\ufffd".encode()
_KEEPS: Final = "tshark -r FILE -q -z follow,tcp,raw,0"
_AGAIN: Final = "Write it again with: tshark -r FILE -q -z follow,tcp,raw,0; or give the packet file itself"


def recognise(head: bytes) -> str | None:
    """Why this is a followed stream, or None."""
    match = _HEAD.match(head)
    return f"it begins as tshark's follow,tcp,{match[1].decode()}" if match else None


def recognise_yaml(head: bytes) -> str | None:
    """Why this is a followed stream in yaml, or None."""
    return "it begins with tshark's list of peers" if _YAML_MARK.match(head) else None


def read(data: bytes, source: str) -> Capture:
    """Both sides of each stream; the side without a tab is the one that spoke first, the client."""
    out, position, number = Gathering(), 0, 0
    guesses: dict[str, None] = {}
    while head := _HEAD.match(data, position):
        mode, number = head[1].decode(), number + 1
        if mode in ("raw", "hex"):
            position = _stream(data, head.end(), number, mode, out, source)
        else:
            position = _drawn(data, head.end(), number, mode, out, source)
            guesses[mode] = None
    if data[position:].strip() or not number:
        raise refuse(source, data, position, "expected a stream under ==== and Follow:", _AGAIN)
    capture = out.capture(source, FORMAT, segments=True)
    drawn = dots(capture, "tshark", _KEEPS) if "ascii" in guesses else ()
    return guessed(capture, *drawn) if guesses else capture


def _drawn(data: bytes, position: int, number: int, mode: str, out: Gathering, source: str) -> int:
    """The pieces of one stream as text, each under a line with its length and with a line end behind it."""
    replaced = 0
    while position < len(data) and not _RULE.match(data, position):
        line = _LENGTH_LINE.match(data, position)
        if line is None:
            raise refuse(source, data, position, f"expected a line with a length, as in tshark's {mode} mode", _AGAIN)
        end = line.end() + int(line[2])
        if not data.startswith(b"\n", end):
            raise refuse(source, data, position, "the piece is not as long as this line says", _AGAIN)
        piece = data[line.end() : end]
        if line[1]:
            out.received(number, piece)
        else:
            replaced += piece.count(_REPLACED) if mode == "utf-8" else 0
            out.sent(number, piece.replace(_REPLACED, b"\xff") if mode == "utf-8" else piece)
        position = end + 1
    rule = _RULE.match(data, position)
    if rule is None:
        raise refuse(source, data, position, "the stream does not end with ====", _AGAIN)
    if replaced:
        out.note(_replaced(replaced, out.number(number)))
    return rule.end()


def _replaced(count: int, connection: int) -> Finding:
    return Finding(
        rule="bytes-guessed",
        severity=Severity.WARNING,
        message=f"{counted(count, 'sign')} U+FFFD, which stands for bytes that are not UTF-8; "
        "one byte FF is put for each.",
        help=f"Write it again with: {_KEEPS}, which keeps every byte.",
        connection=connection,
    )


def _stream(data: bytes, position: int, number: int, mode: str, out: Gathering, source: str) -> int:
    """The lines of one stream; in hex mode a packet's rows go on while they are full."""
    counted = {b"": 0, b"\t": 0}
    full = False
    while position < len(data) and not _RULE.match(data, position):
        line = (_RAW_LINE if mode == "raw" else _HEX_LINE).match(data, position)
        if line is None or (mode == "raw" and len(line[2]) % 2):
            raise refuse(source, data, position, f"expected a line of tshark's {mode} mode", _AGAIN)
        side, piece = line[1], bytes.fromhex(line[2 if mode == "raw" else 3].decode("ascii"))
        if mode == "hex" and int(line[2], 16) != counted[side]:
            raise refuse(source, data, position, f"expected the row of offset {counted[side]:08X}", _AGAIN)
        counted[side] += len(piece)
        if side:
            out.received(number, piece)
        elif piece:
            out.sent(number, piece, same_write=mode == "hex" and full)
        full = mode == "hex" and not side and len(piece) == 16
        position = line.end()
    rule = _RULE.match(data, position)
    if rule is None:
        raise refuse(source, data, position, "the stream does not end with ====", _AGAIN)
    return rule.end()


def read_yaml(data: bytes, source: str) -> Capture:
    """Both sides of one stream; peer 0 is the client."""
    out = Gathering()
    position = data.find(b"packets:")
    start = data.find(b"\n", position) + 1
    if not recognise_yaml(data) or position < 0 or start == 0:
        raise refuse(source, data, 0, "expected peers: and packets:", _AGAIN)
    while data[start:].strip():
        packet = _YAML_PACKET.match(data, start)
        if packet is None:
            raise refuse(source, data, start, "expected the next packet", _AGAIN)
        try:
            piece = base64.b64decode(b"".join(packet[2].split()), validate=True)
        except binascii.Error:
            raise refuse(source, data, packet.start(2), "the packet's base64 is cut", _AGAIN) from None
        if packet[1] == b"0":
            out.sent(1, piece)
        else:
            out.received(1, piece)
        start = packet.end()
    return out.capture(source, YAML, segments=True)
