"""What stands around a capture: a byte order mark, UTF-16, gzip, zip, script(1), and pasted talk.

Each layer that is taken off is told. Text around a raw request (a Markdown fence, the prompt line
that ran netcat, netcat's own messages) is taken off only in front of a request line and behind it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

from .capture import CaptureError
from .messages import REQUEST_LINE, request_end

LARGEST: Final = 2 << 30  # of what may come out of an archive
_ANSI = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]{0,1000}(?:\x07|\x1b\\)|\x1b[=>]")
_SCRIPT_END = re.compile(rb"\r?\n?Script done on [^\n]*\r?\n?\Z")
_RUNS = rb"[^\n]{0,100}[$#%>] (?:nc|ncat|netcat|socat|telnet|cat|tail|printf|echo|head|less) [^\n]*"
_SAYS = (
    rb"Listening on [^\n]*|Connection (?:received on|from|to) [^\n]*|Ncat: [^\n]*|listening on \[[^\n]*"
    rb"|connect to \[[^\n]*|Trying [0-9a-f.:]+\.\.\.|Connected to [^\n]*"
)
_TALK = re.compile(rb"(?:```[^\n`]{0,40}|" + _RUNS + rb"|" + _SAYS + rb"|[ \t]*)\r?(?:\n|\Z)")
_AFTERWARDS = re.compile(rb"(?:```| ?sent \d+, rcvd \d+|Ncat: [^\n]*|\^C|[^\n]{0,100}[$#%>] ?)?\s*")


class Opened(NamedTuple):
    """What is inside, and what was taken off to get there, outermost first."""

    data: bytes
    notes: tuple[str, ...] = ()


def opened(data: bytes, source: str) -> Opened:
    """Take off every layer that is certain to be one."""
    notes: list[str] = []
    for _ in range(6):
        layer = next((layer for layer in _LAYERS if layer.mark.match(data)), None)
        if layer is None:
            break
        data = layer.take_off(data, source)
        notes.append(layer.note)
    return Opened(data, tuple(notes))


def _gunzip(data: bytes, source: str) -> bytes:
    parts: list[bytes] = []
    left, rest = LARGEST, data
    try:
        while rest.startswith(b"\x1f\x8b"):
            unpacker = zlib.decompressobj(wbits=31)
            parts.append(unpacker.decompress(rest, left + 1))
            left -= len(parts[-1])
            if left < 0 or not unpacker.eof:
                raise CaptureError(f"{source}: the gzip data is cut or too large. Unpack it first with: gunzip FILE")
            rest = unpacker.unused_data
    except zlib.error as error:
        raise CaptureError(
            f"{source}: the gzip data is damaged ({error}). Unpack it first with: gunzip FILE"
        ) from error
    return b"".join(parts)


def _unzip(data: bytes, source: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            if len(files) != 1 or files[0].file_size > LARGEST:
                raise CaptureError(
                    f"{source}: the zip archive holds {len(files)} files. Unpack it and give one of them"
                )
            return archive.read(files[0])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
        raise CaptureError(f"{source}: the zip archive cannot be read ({error}). Unpack it first") from error


def _from_utf16(data: bytes, source: str) -> bytes:
    try:
        return data.decode("utf-16").encode()
    except UnicodeDecodeError as error:
        raise CaptureError(
            f"{source}: it begins as UTF-16 and stops being it at byte {error.start}. Save it as UTF-8"
        ) from error


def _from_script(data: bytes, source: str) -> bytes:
    """A terminal turned each LF into CR LF; where every line ends so, that is undone."""
    del source
    inside = _SCRIPT_END.sub(b"", data[data.find(b"\n") + 1 :])
    if inside.count(b"\n") == inside.count(b"\r\n"):
        inside = inside.replace(b"\r\n", b"\n")
    return _ANSI.sub(b"", inside)


class _Layer(NamedTuple):
    note: str
    mark: re.Pattern[bytes]
    take_off: Callable[[bytes, str], bytes]


_LAYERS: Final = (
    _Layer("unpacked from gzip", re.compile(rb"\x1f\x8b\x08"), _gunzip),
    _Layer("unpacked from zip", re.compile(rb"PK\x03\x04"), _unzip),
    _Layer("decoded from UTF-16", re.compile(rb"\xff\xfe(?=[^\x00]\x00)|\xfe\xff(?=\x00[^\x00])"), _from_utf16),
    _Layer("without the byte order mark", re.compile(rb"\xef\xbb\xbf"), lambda data, source: data[3:]),
    _Layer("taken out of a script(1) record", re.compile(rb"Script started on [^\n]*\n"), _from_script),
)


class Peeled(NamedTuple):
    """A raw request without the talk around it; `before` and `after` are what was taken off."""

    data: bytes
    before: bytes
    after: bytes


def peeled(data: bytes) -> Peeled | None:
    """A raw request with fences, prompts or netcat's messages around it; None if there is none around it."""
    start = 0
    while talk := _TALK.match(data, start):
        if talk.end() == start:
            break
        start = talk.end()
    if not data[:start].strip() or not REQUEST_LINE.match(data, start):
        return None
    end = len(data)
    complete = request_end(data, start)
    while complete is not None and REQUEST_LINE.match(data, complete):
        complete = request_end(data, complete)
    if complete is not None and _is_afterwards(data[complete : complete + 2000]):
        end = complete
    return Peeled(data[start:end], data[:start], data[end:])


def _is_afterwards(rest: bytes) -> bool:
    """Whether every line behind the last request is netcat's, a fence, or a prompt."""
    return bool(rest.strip()) and len(rest) < 2000 and all(_AFTERWARDS.fullmatch(line) for line in rest.split(b"\n"))
