"""A client's bytes as they are, or the text that someone typed or pasted for them.

Typed text lacks what only programs write (CRLF, the blank line at the end), so it is mended, each
repair only where it is needed and each listed. Two laws: a body is never touched, and a head that
holds any CRLF is taken as meant, since a bare LF in it may be the very attack to look at.
Requests are found one behind the other, by the length each declares; where that is in doubt, the
rest is left alone. `data` may be a memory map: bodies of known length are skipped, not read.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ..events import PREFACE
from ..span import Span
from .capture import Capture, ClientConnection, Fidelity
from .framing import Chunks, Framing, framing, walk_chunks
from .mending import Mending

BARE_LINE_FEED: Final = "bare-line-feed"
BARE_LINE_FEED_IN_CHUNKS: Final = "bare-line-feed-in-chunks"
BLANK_LINES_AFTER_REQUEST: Final = "blank-lines-after-request"
BLANK_LINES_BEFORE_REQUEST: Final = "blank-lines-before-request"
BYTE_ORDER_MARK: Final = "byte-order-mark"
HTTP2_REQUEST_LINE: Final = "http2-request-line"
LITERAL_ESCAPES: Final = "literal-escapes"
MISSING_BLANK_LINE: Final = "missing-blank-line"
NEWLINE_AFTER_BODY: Final = "newline-after-body"
TRAILING_SPACE: Final = "trailing-space-on-request-line"

_VERSION = b"HTTP/1.1"
_FRONT = re.compile(rb"(?:\xef\xbb\xbf|[ \t]*+\r?\n)*+")
_BLANK_TO_THE_END = re.compile(rb"(?:[ \t]*+\r?\n)*+[ \t]*+\Z")
# Only what someone could mean as a request is mended; a response is not.
_REQUEST_LIKE = re.compile(rb"(?!HTTP/\d)(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]++[ \t]++[^ \t\r\n]|[^\r\n]*HTTP/)")
# Each branch begins with a byte that is seldom met: the search skips all others.
_MAY_NEED_MENDING = re.compile(
    rb"\n(?<!\r\n)|\n[ \t]*(?:[Cc][Oo][Nn][Tt]|[Tt][Rr][Aa][Nn])[A-Za-z]*-[LlEe]|HTTP/(?!1\.)|\\|\xef\xbb\xbf"
)
_BLANK_LINE = re.compile(rb"\n\r?\n")
_WHOLE_REQUEST_LINE = re.compile(rb"[^ \t\r]++[ \t].*[ \t]HTTP/(?:[0-9]\.[0-9]|[23])[ \t]*", re.DOTALL)
_TRAILING_BLANKS = re.compile(rb"(.*[ \t]HTTP/[^ \t]+)([ \t]+)", re.DOTALL)
_HTTP2 = re.compile(rb"(?!PRI )(.*[ \t])(HTTP/[23])", re.DOTALL)
# \r\n or \n spelled out behind the version; the style shows in whether a real line end follows.
_SPELLED = re.compile(rb"[ \t]HTTP/[0-9](?:\.[0-9])?[ \t]*(\\r\\n|\\n)(\r?\n)?")
_SPELLED_LINE_END = {
    (spelled, followed): rb"(?>%b%b|\r?\n)" % (pattern, rb"(?:\r?\n)?+" if followed else b"")
    for spelled, pattern in ((rb"\r\n", rb"\\r\\n"), (rb"\n", rb"(?:\\r)?\\n"))
    for followed in (False, True)
}


def read_raw(data: bytes, source: str, *, strict: bool = False) -> Capture:
    """One client connection from exact bytes or typed text; `strict` repairs nothing."""
    text = Mending(data)
    frames = bytes(data[: len(PREFACE)]) == PREFACE  # which nobody types by hand
    if not strict and not frames and not _as_programs_write(data):
        _mend(text)
    return Capture(
        source=source,
        format="raw",
        fidelity=Fidelity.REPAIRED if text.repairs else Fidelity.EXACT,
        connections=(ClientConnection(number=1, data=text.mended()),),
        repairs=tuple(text.repairs),
    )


class _Head(NamedTuple):
    """A head in the file: the request line up to `line_end`, then line ends and fields up to `end`.

    `rule` says how the part behind the request line is mended into `rest`, "" if it is not;
    `added` bytes at its end are not in the file at all. `certain` is false if the head is not
    complete or mixes line ends, so that servers may not agree where it stops.
    """

    line_end: int
    end: int
    certain: bool = True
    rule: str = ""
    rest: bytes = b""
    added: int = 0


def _as_programs_write(data: bytes) -> bool:
    """Whether there is nothing to mend for certain: heads without bodies, whose lines all end in CRLF."""
    return data[-4:] == b"\r\n\r\n" and _REQUEST_LIKE.match(data) is not None and _MAY_NEED_MENDING.search(data) is None


def _mend(text: Mending) -> None:
    """Walk from request to request while it is sure where each begins.

    The first head tells a typed file from a captured one, where LF and blank lines are meant.
    """
    data, start, typed = text.data, _front(text.data, 0), True
    if _is_request(data, start):
        typed = bool(_find_head(data, start).rule)
        _mend_front(text, 0, start, typed=typed)
    while _is_request(data, start):
        head = _find_head(data, start)
        if head.rule and not typed:
            return
        behind = _mend_message(text, start, head)
        if behind is None or _mend_end(text, *behind, typed=typed):
            return
        start = _front(data, behind[0])
        if typed and _is_request(data, start):
            _mend_front(text, behind[0], start, typed=True)


def _is_request(data: bytes, start: int) -> bool:
    return _REQUEST_LIKE.match(data, start) is not None


def _front(data: bytes, start: int) -> int:
    """Where the line behind byte order marks and blank lines begins."""
    match = _FRONT.match(data, start)
    return match.end() if match else start


def _mend_front(text: Mending, start: int, end: int, *, typed: bool) -> None:
    """Drop what an editor leaves in front. Blank lines before captured bytes are as the client sent them."""
    front = text.data[start:end]
    if not typed and b"\r\n" in front:
        end = start + (3 if front.startswith(b"\xef\xbb\xbf") else 0)
    if start == end:
        return
    seen = text.data[start:end]
    line, lines = text.line(start), text.lines(start, end)
    place = text.replace(start, end, b"")
    if b"\xef\xbb\xbf" in seen:
        text.note(BYTE_ORDER_MARK, place, f"The UTF-8 byte order mark on line {line} was removed.")
    if count := seen.count(b"\n"):
        message = f"{_count(count, 'blank line')} before the request ({lines}) dropped, since servers may refuse them."
        text.note(BLANK_LINES_BEFORE_REQUEST, place, message)


def _find_head(data: bytes, start: int) -> _Head:
    line_end = data.find(b"\n", start)
    if spelled := _SPELLED.search(data, start, line_end + 1 or len(data)):
        return _spelled_head(data, spelled)
    if line_end < 0:
        return _unended_line(data, start)
    blank = _BLANK_LINE.search(data, line_end)
    end = blank.end() if blank else len(data)
    if data.find(b"\r\n", start, end) >= 0 or data[end - 1 : end] == b"\r":
        line_end -= data[line_end - 1 : line_end] == b"\r"
        return _Head(line_end, end, certain=blank is not None and not _mixes_line_ends(data[start:end]))
    mended = data[line_end:end].replace(b"\n", b"\r\n")
    return _typed_head(BARE_LINE_FEED, line_end, end, mended, complete=blank is not None)


def _unended_line(data: bytes, start: int) -> _Head:
    """A request line at the end of the file: if it is whole, it was typed; broken off, it was cut."""
    if _WHOLE_REQUEST_LINE.fullmatch(data, start):
        return _typed_head(MISSING_BLANK_LINE, len(data), len(data), b"", complete=False)
    return _Head(len(data), len(data), certain=False)


def _mixes_line_ends(head: bytes) -> bool:
    return head.count(b"\n") != head.count(b"\r\n")


def _spelled_head(data: bytes, spelled: re.Match[bytes]) -> _Head:
    """A head whose line ends are spelled as escapes, on one line or with a real line end behind each."""
    line_end = _SPELLED_LINE_END[spelled[1], spelled[2] is not None]
    blank = re.compile(line_end + line_end).search(data, spelled.start(1))
    end = blank.end() if blank else len(data)
    mended = re.sub(line_end, b"\r\n", data[spelled.start(1) : end])
    return _typed_head(LITERAL_ESCAPES, spelled.start(1), end, mended, complete=blank is not None)


def _typed_head(rule: str, line_end: int, end: int, mended: bytes, *, complete: bool) -> _Head:
    added = b"" if complete else b"\r\n" if mended.endswith(b"\r\n") else b"\r\n\r\n"
    return _Head(line_end, end, rule=rule, rest=mended + added, added=len(added))


def _mend_message(text: Mending, start: int, head: _Head) -> tuple[int, Framing] | None:
    """Mend one request; returns where it ends and by what, None if that is in doubt."""
    line = _mend_request_line(text, start, head.line_end, typed=bool(head.rule))
    if head.rule:
        _mend_rest(text, head)
    if not head.certain:
        return None
    declared = framing(line + (head.rest if head.rule else text.data[head.line_end : head.end]))
    if not declared.chunked:
        return (head.end + (declared.length or 0), declared) if declared.known else None
    chunks = walk_chunks(text.data, head.end)
    if chunks is None or (not head.rule and (chunks.bare or chunks.missing)):
        return None
    _mend_chunks(text, head.end, chunks)
    return chunks.end, declared


def _mend_request_line(text: Mending, start: int, end: int, *, typed: bool) -> bytes:
    line = text.data[start:end]
    trailing = _TRAILING_BLANKS.fullmatch(line) if typed else None
    kept = trailing[1] if trailing else line
    http2 = _HTTP2.fullmatch(kept)
    mended = http2[1] + _VERSION if http2 else kept
    if mended == line:
        return line
    number = text.line(start)
    place = text.replace(start, end, mended)
    if http2:
        message = f"Line {number} names {http2[2].decode()}, which has no request line; it was read as HTTP/1.1."
        text.note(HTTP2_REQUEST_LINE, Span(place.end - len(_VERSION), place.end), message)
    if trailing:
        blanks = _count(len(trailing[2]), "blank")
        message = f"Line {number} had {blanks} behind the version, which servers refuse; it was cut there."
        text.note(TRAILING_SPACE, Span(place.end, place.end), message)
    return mended


def _mend_rest(text: Mending, head: _Head) -> None:
    """Put real line ends behind the request line and the fields."""
    spelled = head.rule == LITERAL_ESCAPES
    ended = head.end if spelled else text.data.rfind(b"\n", head.line_end, head.end) + 1
    lines = text.lines(head.line_end, ended).capitalize()
    place = text.replace(head.line_end, head.end, head.rest)
    added = Span(place.end - head.added, place.end)
    changed = Span(place.start, place.start + head.rest.rfind(b"\n", 0, len(head.rest) - head.added) + 1)
    if head.rule == BARE_LINE_FEED:
        text.note(BARE_LINE_FEED, changed, f"{lines} ended in LF alone; each LF was made the CRLF that HTTP asks for.")
    if spelled:
        message = f"{lines} spelled line ends as \\r\\n or \\n; the line ends of this head were made real ones (CRLF)."
        text.note(LITERAL_ESCAPES, changed, message)
    if head.added:
        line = text.line(head.end - 1)
        message = f"The file ended on line {line} without the blank line that ends a head; it was added."
        text.note(MISSING_BLANK_LINE, added, message)


def _mend_chunks(text: Mending, start: int, chunks: Chunks) -> None:
    """End size lines, data and trailers in CRLF; the data between is the body, and stays."""
    lines = text.lines(start, chunks.end)
    places = [text.replace(offset, offset + 1, b"\r\n") for offset in chunks.bare]
    if places:
        message = f"The chunks on {lines} were framed with LF alone; with CRLF instead every chunk size adds up."
        text.note(BARE_LINE_FEED_IN_CHUNKS, Span(places[0].start, places[-1].end), message)
    if chunks.missing:
        place = text.replace(chunks.end, chunks.end, b"\r\n" * chunks.missing)
        message = f"The file ended within {lines} without the blank line behind the last chunk; it was added."
        text.note(MISSING_BLANK_LINE, place, message)


def _mend_end(text: Mending, end: int, declared: Framing, *, typed: bool) -> bool:
    """Cut what an editor left behind the last request; tells whether the file ends there."""
    data = text.data
    if end >= len(data):
        return True
    body = declared.chunked or declared.length is not None
    one = data[end : end + 3] in (b"\n", b"\r\n")
    if one and body and (typed or not declared.chunked):
        content = "chunks" if declared.length is None else f"{_count(declared.length, 'byte')} of Content-Length"
        message = f"A line end behind the {content} (line {text.line(end)}), as editors add one, was cut."
        text.note(NEWLINE_AFTER_BODY, text.replace(end, len(data), b""), message)
    elif typed and _BLANK_TO_THE_END.match(data, end):
        lines = text.lines(end, len(data))
        count = _count(data[end:].count(b"\n") or 1, "line end")
        message = f"{count} behind the last request ({lines}) cut, as a server would take them for a next request."
        text.note(BLANK_LINES_AFTER_REQUEST, text.replace(end, len(data), b""), message)
    else:
        return False
    return True


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
