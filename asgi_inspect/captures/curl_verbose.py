"""`curl -v`: heads as they were sent, never a body.

With `2>&1` the response body stands among the lines and may hold lines that look like curl's. So a
request begins only where curl said that it made or reused a connection, and a body whose length
the response tells is stepped over where it fits.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

from ..findings import Finding, Severity
from .capture import Capture, Fidelity, Missing
from .curl_connections import FRAMES, METER, STAMP, Connections, as_http1, is_frames, opens_log
from .gathering import Gathering
from .messages import REQUEST_LINE, STATUS_LINE, TOKEN, content_length, is_chunked
from .refusal import line_of, refuse

FORMAT: Final = "curl-verbose"
KEEPS_BODY: Final = "curl --trace - …"
AGAIN: Final = "Make it again with: curl -v URL 2> FILE"
_LINE = re.compile(METER + STAMP + rb"([*<>{}])(?: ([^\n]*)|\r*)(?:\n|$)")
_REQUEST = re.compile(rb"(?m)^" + METER + STAMP + rb"> (?:\[\d+-\d+\] )?" + REQUEST_LINE.pattern)
_START = re.compile(METER + STAMP + rb"[*<>{}] ?")
_FIRST = re.compile(rb"(?m)^" + _START.pattern)
_FIELD = re.compile(METER + STAMP + rb"> " + TOKEN + rb":")
_SENT_OFF = re.compile(rb"upload completely sent off: (\d+)")
_UPLOADED = re.compile(rb"\[(\d+) bytes data\]")
# Where curl's own lines may go on after a response body.
_GOES_ON = re.compile(
    rb"\r?\n?(?:"
    + (METER + STAMP + rb"(?:\* |< HTTP/|> " + REQUEST_LINE.pattern + rb")")
    + rb"|\r +\d|  % Total|[^\n]{0,80}[$#%] ?\r?\n?\Z|\Z)"
)


def recognise(head: bytes) -> str | None:
    """Why this is `curl -v`, or None."""
    first = _FIRST.search(head, 0, 20_000)
    request = _REQUEST.search(head)
    if not (first and request) or not _begins(head):
        return None
    following = head[request.end() :].lstrip(b"\r\n")
    if b"\n* " in b"\n" + head[: request.start()] or re.search(rb"(?m)^[^\n]{0,80}\* ", head[: request.start()]):
        return "it has curl's * lines and a > request line"
    return "it has a > request line with > fields under it" if _FIELD.match(following) else None


def _begins(head: bytes) -> bool:
    """Whether the first line that is not noise is one of curl's."""
    position = 0
    while position < len(head):
        if _LINE.match(head, position) or _START.match(head, position):
            return True
        end = head.find(b"\n", position)
        end = len(head) if end < 0 else end
        if not opens_log(head[position:end]):
            return False
        position = end + 1
    return False


def read(data: bytes, source: str) -> Capture:
    """The heads, exact where the lines kept their CR; each body counted as missing."""
    log = _Log(data, source)
    position = 0
    while position < len(data):
        position = log.step(position)
    return log.capture()


@dataclass(slots=True)
class _Exchange:
    """One request and what came back, while the lines come; `head` is empty until it is whole."""

    key: Hashable
    offset: int
    lines: list[bytes] = field(default_factory=list)
    head: bytes = b""
    uploaded: int | None = None  # what curl said it sent, negative for a part of it
    answer: list[bytes] = field(default_factory=list)
    in_answer: bool = False


@dataclass(slots=True)
class _Log:
    """Where the walk through the lines stands."""

    data: bytes
    source: str
    out: Gathering = field(default_factory=Gathering)
    connections: Connections = field(init=False)
    head: _Exchange | None = None  # whose request lines are coming
    exchanges: dict[Hashable, _Exchange] = field(default_factory=dict)
    answered: _Exchange | None = None  # whose response body may stand ahead,
    outstanding: int = 0  # of this many bytes,
    places: list[tuple[int, tuple[object, ...]]] = field(default_factory=list)  # at one of these offsets
    assumed: bool = False
    frames: bool = False
    spoken: bool = False  # curl's * lines are there
    windows: bool = False  # and end with CR LF, so the CR of a head line may have come later

    def __post_init__(self) -> None:
        self.connections = Connections(self.out)

    def step(self, position: int) -> int:
        """Reads what stands at `position`; the offset of what comes next."""
        line = _LINE.match(self.data, position)
        if self.head:
            if line is None or line[2] != b">":
                raise refuse(self.source, self.data, position, "the request head is cut: expected a line with >", AGAIN)
            text = line[3] or b""
            if not text and line.end() == len(self.data) and self.head.lines[-1].endswith(b"\r"):
                raise refuse(self.source, self.data, position, "the request head is cut: the line stops there", AGAIN)
            self._head_line(self.head, text)
            return line.end()
        body = self._body_end(position) if line is None or line[2] == b">" else None
        if body is not None:
            return body
        if line is None:
            end = self.data.find(b"\n", position)
            return len(self.data) if end < 0 else end + 1
        ids, mark, text = line[1], line[2], line[3] or b""
        if ids and text.startswith(ids):
            text = text[len(ids) :]
        self._log_line(ids, mark, text, position)
        if mark in b"<{*" and self.outstanding:
            self._place(line.end())
        return line.end()

    def _log_line(self, ids: bytes | None, mark: bytes, text: bytes, position: int) -> None:
        exchange = self.exchanges.get(self.connections.of(ids))
        if mark == b"*":
            self.spoken = True
            self.windows = self.windows or text.endswith(b"\r")
            self.connections.info(text)
            if exchange and (match := _SENT_OFF.match(text)):
                exchange.uploaded = int(match[1])
        elif mark == b">" and REQUEST_LINE.match(text):
            self._request_line(ids, text, position)
        elif mark == b"<" and exchange:
            self._answer_line(exchange, text)
        elif mark == b"}" and exchange and exchange.uploaded is None and (match := _UPLOADED.match(text)):
            exchange.uploaded = -int(match[1])

    def _request_line(self, ids: bytes | None, text: bytes, position: int) -> None:
        if self.spoken and not self.connections.news:
            self.out.note(_looks_alike(line_of(self.data, position)))
            return
        key = self.connections.request(ids)
        self._settle(self.exchanges.pop(key, None))
        self.out.hear_of(key)
        self.head = self.exchanges[key] = _Exchange(key, position, [text])

    def _head_line(self, exchange: _Exchange, text: bytes) -> None:
        exchange.lines.append(text)
        if not text.rstrip(b"\r"):
            self.head = None
            exchange.head = self._wire(exchange.lines)
            self.frames = self.frames or is_frames(exchange.head)

    def _wire(self, lines: list[bytes]) -> bytes:
        """The head's lines with their line ends, which a terminal or a paste has taken off or doubled."""
        if not any(line.endswith(b"\r") for line in lines):
            self.assumed = True
            return b"".join(line + b"\r\n" for line in lines)
        self.assumed = self.assumed or (self.windows and not lines[0].endswith(b"\r\r"))
        return b"".join((line[:-1] if line.endswith(b"\r\r") else line) + b"\n" for line in lines)

    def _settle(self, exchange: _Exchange | None) -> None:
        """An exchange is over: its head was sent, its body is missing, its answer is kept."""
        if exchange is None:
            return
        head, missing = exchange.head, _missing(exchange.head, exchange.uploaded)
        if is_frames(head):
            head = as_http1(head)
            if missing and missing.length and content_length(head) is None:
                head = head[:-2] + b"Content-Length: %d\r\n\r\n" % missing.length
        self.out.sent(exchange.key, head)
        if exchange.answer:
            self.out.answered(exchange.key, b"".join(exchange.answer))
        if missing:
            self.out.lost(exchange.key, missing, KEEPS_BODY)

    def _answer_line(self, exchange: _Exchange, text: bytes) -> None:
        if STATUS_LINE.match(text):
            if exchange.in_answer:  # 7.x prints no empty line after 100 Continue
                exchange.answer.append(b"\r\n")
            exchange.in_answer = True
        if not exchange.in_answer:
            return
        exchange.answer.append(text.rstrip(b"\r") + b"\r\n")
        if not text.rstrip(b"\r"):
            exchange.in_answer = False
            self.answered, self.places = exchange, []
            self.outstanding = (
                0 if exchange.head.startswith(b"HEAD ") else content_length(b"".join(exchange.answer)) or 0
            )

    def _place(self, start: int) -> None:
        """The outstanding body may begin at `start`, if curl's lines go on where it would end."""
        end = start + self.outstanding
        if end <= len(self.data) and _GOES_ON.match(self.data, end):
            self.places.append((start, self.connections.state()))
            del self.places[:-200]

    def _body_end(self, position: int) -> int | None:
        """Where the outstanding response body ends, if it covers `position` and curl's lines go on after it."""
        if not (self.outstanding and self.answered):
            return None
        self._place(position)
        for start, state in reversed(self.places):
            end = start + self.outstanding
            if position < end:
                self.connections.restore(state)
                self.answered.answer.append(self.data[start:end])
                self.outstanding = 0
                return end
        return None

    def capture(self) -> Capture:
        """All requests, and how far they can be believed."""
        if self.head:
            raise refuse(
                self.source, self.data, len(self.data), f"the request head of line {self._begun()} is cut", AGAIN
            )
        for exchange in self.exchanges.values():
            self._settle(exchange)
        guessed = self.connections.confess()
        if self.assumed:
            self.out.note(_ASSUMED)
        if self.frames:
            self.out.note(FRAMES)
            return self.out.capture(self.source, FORMAT, fidelity=Fidelity.RECONSTRUCTED)
        fidelity = Fidelity.REPAIRED if guessed or self.assumed else Fidelity.EXACT
        return self.out.capture(self.source, FORMAT, fidelity=fidelity, responses=not guessed)

    def _begun(self) -> int:
        return line_of(self.data, self.head.offset) if self.head else 0


def _missing(head: bytes, uploaded: int | None) -> Missing | None:
    """The body that a head announces; `uploaded` is what curl said it sent, negative for a part of it."""
    length = content_length(head)
    if is_chunked(head):
        return Missing(length=uploaded if uploaded and uploaded > 0 else None, framed=True)
    if length is None and uploaded:
        return Missing(length=uploaded if uploaded > 0 else None)
    return Missing(length=length) if length else None


def _looks_alike(line: int) -> Finding:
    return Finding(
        rule="request-doubtful",
        severity=Severity.NOTE,
        message=f"Line {line} looks like a request, but curl had said nothing of a connection for it: "
        "taken for part of the response body.",
    )


_ASSUMED: Final = Finding(
    rule="line-ends-assumed",
    severity=Severity.NOTE,
    message="The lines end as on a screen or in a paste, not as on the wire; each is taken to have ended with CR LF.",
    help="Keep the bytes with: curl -v URL 2> FILE, or curl --trace FILE URL.",
)
