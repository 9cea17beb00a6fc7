"""Bytes written as one literal: hex or decimals without offsets, base64, C arrays, Python and JSON strings.

None of these has a mark of its own, so one is taken for a capture only if what it stands for
begins like a request.
"""

from __future__ import annotations

import ast
import base64
import json
import re
import warnings
from collections.abc import Callable
from typing import Final, NamedTuple

from ..findings import Finding, Severity
from .capture import Capture, CaptureError, ClientConnection, Fidelity
from .messages import TOKEN
from .refusal import refuse, response_only

_REQUEST_LIKE = re.compile(rb"[A-Z]{2,20} (?:/|\*|https?://)|" + TOKEN + rb" [^ \r\n]+ HTTP/|PRI \* HTTP/2")
_HEX = re.compile(rb"\s*+(?:[0-9a-fA-F]{2}[ \t\r\n]*){8}")
_NOT_HEX = re.compile(rb"[^0-9a-fA-F\s]")
_DECIMALS = re.compile(rb"\s*+\[?\s*+(?:\d{1,3}[ \t\r\n,]++){8}")
_NOT_DECIMAL = re.compile(rb"[^0-9\s,]|\d{4}|25[6-9]|2[6-9]\d|[3-9]\d\d")
_BASE64 = re.compile(rb"\s*+[A-Za-z0-9+/_-]{16}")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=_\s-]")
_C_ARRAY = re.compile(
    rb"\s*+(?:(?:static |const )*(?:unsigned )?(?:char|uint8_t)\s+\w+\[\d*\]\s*+=\s*+\{\s*+)?0x[0-9a-fA-F]{2}\s*+,"
)
_C_BYTE = re.compile(rb"\s*+(?:0x([0-9a-fA-F]{2})\s*+(,|(?=\}|\s*+\Z)))")
_C_LENGTH = re.compile(rb"_len\s*+=\s*+(\d{1,18})")
_PYTHON = re.compile(rb"\s*+(?:\w+\s*+=\s*+)?\(?\s*+(?:bytearray\(|bytes\()?\s*+[bB]?[rR]?(?:'[^\n]|\"[^\n])")
_ASSIGNED = re.compile(rb"\s*+\w+\s*+=\s*+")
LONGEST: Final = 64 << 20


class _Form(NamedTuple):
    name: str
    why: str
    looks: re.Pattern[bytes]
    decode: Callable[[bytes], bytes]
    todo: str


def _hex(data: bytes) -> bytes:
    if wrong := _NOT_HEX.search(data):
        if wrong[0] == b"*":
            raise _Misfit(wrong.start(), "* hides repeated rows, and without offsets (od -An) nothing tells how many")
        raise _Misfit(wrong.start(), "expected two hexadecimal digits for each byte")
    try:
        return bytes.fromhex(data.decode("ascii"))
    except ValueError:
        raise _Misfit(len(data), "the hexadecimal digits do not come in pairs") from None


def _decimals(data: bytes) -> bytes:
    start = data.find(b"[") + 1
    end = data.find(b"]") if start else len(data)
    if end < 0 or data[end + 1 :].strip(b"; \t\r\n"):
        raise _Misfit(len(data) if end < 0 else end + 1, "expected the list to end with ] and nothing behind it")
    if wrong := _NOT_DECIMAL.search(data, start, end):
        star = wrong[0] == b"*"
        hidden = "* hides repeated rows, and without offsets (od -An) nothing tells how many"
        raise _Misfit(wrong.start(), hidden if star else "expected a number up to 255 for each byte")
    return bytes(int(number) for number in data[start:end].replace(b",", b" ").split())


def _base64(data: bytes) -> bytes:
    if wrong := _NOT_BASE64.search(data):
        raise _Misfit(wrong.start(), "expected base64")
    text = b"".join(data.split()).replace(b"-", b"+").replace(b"_", b"/")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise _Misfit(len(data), "the base64 does not end where it should") from None


def _c_array(data: bytes) -> bytes:
    opening = data.find(b"{")
    position, found = opening + 1, bytearray()
    while match := _C_BYTE.match(data, position):
        found.append(int(match[1], 16))
        position = match.end()
    closing = data[position:].lstrip()
    position = len(data) - len(closing)
    if (opening >= 0 and not closing.startswith(b"}")) or (opening < 0 and closing):
        raise _Misfit(position, "expected 0x and two hexadecimal digits, or }")
    length = _C_LENGTH.search(data, position)
    if length and int(length[1]) != len(found):
        raise _Misfit(length.start(), f"the array holds {len(found)} bytes, its length says {int(length[1])}")
    return bytes(found)


def _python(data: bytes) -> bytes:
    text = data[match.end() :] if (match := _ASSIGNED.match(data)) else data
    source = text.strip()
    for wrapper in (b"bytearray(", b"bytes("):
        if source.startswith(wrapper) and source.endswith(b")"):
            source = source[len(wrapper) - 1 :]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what only looks like Python
            value = ast.literal_eval(source.decode())
    except (ValueError, SyntaxError, MemoryError, RecursionError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", None) or 1
        raise _Misfit(_line_start(data, line), "expected one Python bytes literal") from None
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if not isinstance(value, bytes):
        raise _Misfit(0, "expected one Python bytes literal")
    return value


def _json(data: bytes) -> bytes:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _Misfit(getattr(error, "pos", 0), "expected one JSON string") from None
    if not isinstance(value, str):
        raise _Misfit(0, "expected one JSON string")
    return value.encode("utf-8", "surrogatepass")


def _line_start(data: bytes, line: int) -> int:
    position = 0
    for _ in range(line - 1):
        position = data.find(b"\n", position) + 1 or len(data)
    return position


class _Misfit(Exception):
    """Where the text is not what its form asks for, and what that is."""

    def __init__(self, offset: int, problem: str) -> None:
        super().__init__(problem)
        self.offset = offset
        self.problem = problem


_STRING = re.compile(rb'\s*+"(?!")')
FORMS: Final = {
    form.name: form
    for form in (
        _Form("xxd-i", "a C array that begins like a request", _C_ARRAY, _c_array, "Write it again with: xxd -i FILE"),
        _Form("xxd-p", "hexadecimal that begins like a request", _HEX, _hex, "Write it again with: xxd -p FILE"),
        _Form(
            "decimals", "decimals that begin like a request", _DECIMALS, _decimals, "Write it again with: xxd -p FILE"
        ),
        _Form("base64", "base64 that begins like a request", _BASE64, _base64, "Write it again with: base64 FILE"),
        _Form(
            "json-string",
            "a JSON string that begins like a request",
            re.compile(rb'\s*+"'),
            _json,
            "Give one JSON string",
        ),
        _Form(
            "python", "a Python literal that begins like a request", _PYTHON, _python, "Print it again with repr(data)"
        ),
    )
}


def recogniser(name: str) -> Callable[[bytes], str | None]:
    """The `recognise` of the format `name`."""
    return lambda head: _recognise(head, FORMS[name])


def reader(name: str) -> Callable[[bytes, str], Capture]:
    """The `read` of the format `name`."""
    return lambda data, source: _read(data, source, FORMS[name])


def _recognise(head: bytes, form: _Form) -> str | None:
    if not form.looks.match(head):
        return None
    return form.why if _REQUEST_LIKE.match(_beginning(head, form)) else None


def _beginning(head: bytes, form: _Form) -> bytes:
    """What the first bytes of the literal stand for."""
    if form.name == "base64":
        text = b"".join(head[:400].split()).replace(b"-", b"+").replace(b"_", b"/").partition(b"=")[0]
        return base64.b64decode(text[: len(text) // 4 * 4]) if not _NOT_BASE64.search(text) else b""
    if form.name in ("xxd-i", "xxd-p"):
        digits = re.sub(rb"0x|[^0-9a-fA-F]", b"", head[head.find(b"{") + 1 :][:400])
        return bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
    if form.name == "decimals":
        return bytes(int(number) & 0xFF for number in re.findall(rb"\d{1,3}", head[:800]))
    quote = re.search(rb"['\"]+", head)
    return re.sub(rb"\\r|\\n", b"\r", head[quote.end() : quote.end() + 200]) if quote else b""


def _read(data: bytes, source: str, form: _Form) -> Capture:
    if len(data) > LONGEST:
        raise CaptureError(f"{source}: {len(data)} bytes are too many for one literal. Give the bytes themselves")
    try:
        value = form.decode(data)
    except _Misfit as misfit:
        raise refuse(source, data, misfit.offset, misfit.problem, form.todo) from None
    if value.startswith(b"HTTP/"):
        raise response_only(source)
    text = form.name in ("json-string", "python") and not value.isascii() and not _is_bytes(data, form)
    return Capture(
        source=source,
        format=form.name,
        fidelity=Fidelity.REPAIRED if text else Fidelity.EXACT,
        connections=(ClientConnection(number=1, data=value),),
        findings=(_ENCODED,) if text else (),
    )


def _is_bytes(data: bytes, form: _Form) -> bool:
    return form.name == "python" and re.match(rb"[^'\"]*\b[bB][rR]?['\"]", data) is not None


_ENCODED: Final = Finding(
    rule="encoding-assumed",
    severity=Severity.WARNING,
    message="The string holds characters beyond ASCII, not bytes; they are taken to have been sent as UTF-8.",
    help="Give bytes: print them with repr() of a bytes object.",
)
