"""What programs log of their own calls: Python's http.client (debug level) and strace.

Both print bytes as literals, so both are exact, one call one segment. A string that strace cut is
refused, since it was asked for too little.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from typing import Final

from .capture import Capture, CaptureError, Missing
from .gathering import Gathering
from .messages import begins_as_request, content_length, is_chunked
from .refusal import refuse

HTTP_CLIENT: Final = "http-client"
STRACE: Final = "strace"
_SEND = re.compile(rb"send: (b(?:'(?:[^'\\\n]++|\\.)*+'|\"(?:[^\"\\\n]++|\\.)*+\"))\r?(?:\n|$)")
_REPLY = re.compile(rb"reply: ('(?:[^'\\\n]++|\\.)*+'|\"(?:[^\"\\\n]++|\\.)*+\")\r?(?:\n|$)")
_READABLE = re.compile(rb"send[Ii]ng a read(?:able|\(\)able)[^\n]*\n?")
_CALL = re.compile(
    rb"(?:\[pid +\d+\] |\d+ +)?(?:[\d:.]+ )?(sendto|send|sendmsg|write|writev|read|recv|recvfrom|readv|recvmsg|close"
    rb"|accept4?|connect)\((\d+)(?:<[^>\n]*>)?"
)
_STRING = re.compile(rb"\"((?:[^\"\\\n]++|\\.)*+)\"(\.\.\.)?")
_RESULT = re.compile(rb"\) += (-?\d+)[^\n=]*$")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(.))")
_NAMED: Final = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"v": b"\v", b"f": b"\f"}
_OUT: Final = (b"sendto", b"send", b"sendmsg", b"write", b"writev")
_IN: Final = (b"read", b"recv", b"recvfrom", b"readv", b"recvmsg")


def recognise_http_client(head: bytes) -> str | None:
    """Why this is http.client's debug output, or None."""
    return (
        "send: and a bytes literal begin a line" if re.match(rb"(?:[^\n]{0,200}\n){0,5}?send: b['\"]", head) else None
    )


def recognise_strace(head: bytes) -> str | None:
    """Why this is strace's, or None."""
    begins = re.match(rb"(?:\[pid +\d+\] |\d+ +)?(?:[\d:.]+ )?[a-z_0-9]+\([^\n]*(?:= |<unfinished)", head)
    return "its lines are system calls with their results" if begins and _CALL.search(head) else None


def read_http_client(data: bytes, source: str) -> Capture:
    """The literals joined; a body that was read from a file is not printed, so it is missing."""
    out, position, head = Gathering(), 0, b""
    while position < len(data):
        end = data.find(b"\n", position)
        end = len(data) if end < 0 else end + 1
        if send := _SEND.match(data, position):
            piece = _literal(send[1], data, position, source)
            head = piece if begins_as_request(piece) else head
            out.sent(1, piece)
        elif data.startswith(b"send: ", position):
            raise refuse(source, data, position, "expected a whole bytes literal", "Log it again, uncut")
        elif _READABLE.match(data, position):
            missing = Missing(length=None if is_chunked(head) else content_length(head), framed=is_chunked(head))
            out.lost(1, missing, "strace -s 65535 -e trace=network,write PROGRAM")
        elif reply := _REPLY.match(data, position):
            out.answered(1, _literal(b"b" + reply[1], data, position, source))
        position = end
    return out.capture(source, HTTP_CLIENT, segments=True)


def _literal(text: bytes, data: bytes, position: int, source: str) -> bytes:
    """A bytes literal's value; what is not ASCII in it was never printed by Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that Python never prints
            return bytes(ast.literal_eval(text.decode("ascii")))
    except (ValueError, SyntaxError):
        raise refuse(source, data, position, "expected a whole bytes literal", "Log it again, uncut") from None


@dataclass(slots=True)
class _Socket:
    """What one descriptor carried, each way, call by call."""

    out: list[bytes] = field(default_factory=list)
    came: list[bytes] = field(default_factory=list)


def read_strace(data: bytes, source: str) -> Capture:
    """The calls on each socket; the side whose bytes begin with a request line is the client's."""
    sockets: list[_Socket] = []
    live: dict[bytes, _Socket] = {}
    position = 0
    while position < len(data):
        end = data.find(b"\n", position)
        end = len(data) if end < 0 else end
        call = _CALL.match(data, position, end)
        if call and call[1] in (*_OUT, *_IN):
            if call[2] not in live:
                live[call[2]] = _Socket()
                sockets.append(live[call[2]])
            piece = _bytes_of(data, call, end, source)
            (live[call[2]].out if call[1] in _OUT else live[call[2]].came).append(piece)
        elif call and call[1] != b"accept":
            live.pop(call[2], None)
        position = end + 1
    return _of_sockets(sockets, source)


def _bytes_of(data: bytes, call: re.Match[bytes], end: int, source: str) -> bytes:
    """The strings of a call, as far as its result says that they went."""
    strings = list(_STRING.finditer(data, call.end(), end))
    result = _RESULT.search(data, max(call.end(), end - 200), end)
    count = int(result[1]) if result else None
    if count is not None and count <= 0:
        return b""
    held = b"".join(_ESCAPE.sub(_escaped, string[1]) for string in strings)
    if any(string[2] for string in strings) and (count is None or len(held) < count):
        todo = "Trace again with: strace -f -s 65535 -e trace=network,write PROGRAM"
        raise refuse(source, data, call.start(), f"strace cut the string, {len(held)} bytes are left", todo)
    return held[:count]


def _escaped(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, other = match.groups()
    if octal or hexadecimal:
        return bytes((int(octal or hexadecimal, 8 if octal else 16) & 0xFF,))
    return _NAMED.get(other, other)


def _of_sockets(sockets: list[_Socket], source: str) -> Capture:
    out = Gathering()
    for number, socket in enumerate(sockets):
        sent, came = socket.out, socket.came
        if not begins_as_request(b"".join(sent)) and begins_as_request(b"".join(came)):
            sent, came = came, sent
        if begins_as_request(b"".join(sent)):
            for piece in sent:
                out.sent(number, piece)
            out.received(number, b"".join(came))
    try:
        return out.capture(source, STRACE, segments=True)
    except CaptureError:
        raise CaptureError(
            f"{source}: no traced call sends or receives an HTTP request. "
            "Trace with: strace -f -s 65535 -e trace=network,read,write PROGRAM"
        ) from None
