"""The conversation as two lanes, server and application: who waits for whom, and how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..asgi import Message
from ..exchange import Exchange
from ..recording import Call, Folded, Outcome, Step
from ..span import printable
from .layout import Line, Page, Role, duration, size, words

_TIME, _SERVER, _ARROW = 9, 25, 5  # what is left of 80 columns holds `send http.response.start 200`
_NARROW = 56
_SHORT_TEXT = 40
_LONG_WAIT = 100.0  # milliseconds from which on a wait is told
_SHOWN_FIRST, _SHOWN_LAST = 24, 12


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happens at `at` milliseconds, said by the server or by the application."""

    at: float | None
    by_app: bool
    text: str
    role: Role = Role.PLAIN
    arrow: bool = True
    source: str = ""


def timeline_lines(exchange: Exchange, page: Page) -> Iterator[Line]:
    """The rows of one exchange; the middle of a very long one is counted, not shown."""
    if exchange.scope is None:
        return
    if page.width >= _NARROW:
        head = f"{'time':{_TIME}}{'server':{_SERVER}}{'':{_ARROW}}app"
        yield [(head, Role.QUIET)]
    rows = [Row(0.0, False, f"calls app(scope, {page.glyphs.ellipsis})", Role.SERVER)]
    steps = exchange.steps
    if len(steps) > _SHOWN_FIRST + _SHOWN_LAST:
        hidden = len(steps) + exchange.steps_left_out - _SHOWN_FIRST - _SHOWN_LAST
        rows += _rows(steps[:_SHOWN_FIRST])
        rows.append(Row(None, False, f"{page.glyphs.ellipsis} {hidden:,} steps more", Role.QUIET, arrow=False))
        rows += _rows(steps[-_SHOWN_LAST:])
    else:
        rows += _rows(steps)
    if exchange.outcome is Outcome.TIMED_OUT:
        rows.append(Row(None, False, "time is up: the client has left", Role.WARNING, arrow=False))
    last = -1.0
    for row in rows:
        yield from _drawn(row, row.at if row.at is not None and row.at != last else None, page)
        last = last if row.at is None else row.at


def _rows(steps: Sequence[Step]) -> list[Row]:
    """Asking and answering are told apart: something else may happen in between."""
    rows: list[tuple[float, Row]] = []
    for step in steps:
        asked, answered = _asked(step), _answered(step)
        rows.append((step.at, asked))
        if answered is not None:
            rows.append((step.at if step.done is None else step.done, answered))
    return [row for _, row in sorted(rows, key=lambda item: item[0])]


def _asked(step: Step) -> Row:
    source = printable(step.source or "")
    if step.call is Call.RECEIVE:
        return Row(step.at, True, "receive()", Role.APP, source=source)
    if step.call is Call.SEND:
        return Row(step.at, True, f"send {summary(step.message or {})}", Role.APP, source=source)
    if step.call is Call.RAISE:
        return Row(step.at, True, f"raises {printable(step.error or '')}", Role.ERROR, source=source)
    if step.call is Call.SERVER:
        return Row(
            step.at, False, f"answers by itself: {size(len(step.wire))} to the client", Role.WARNING, arrow=False
        )
    return Row(step.at, True, printable(step.error) if step.error else "returns", Role.APP)


def _answered(step: Step) -> Row | None:
    if step.call is Call.RECEIVE:
        if step.done is None:
            return Row(None, False, "never answered", Role.WARNING, arrow=False)
        if step.error is not None:
            return Row(step.done, False, f"cancelled: {printable(step.error)}", Role.WARNING)
        waited = step.done - step.at
        wait = f", after {duration(waited)} of waiting" if waited >= _LONG_WAIT else ""
        text = summary(step.message or {}) + wait
        return Row(step.done, False, text, Role.WARNING if wait else Role.SERVER)
    if step.call is Call.SEND:
        if step.error is not None:
            return Row(step.done, False, f"raises {printable(step.error)}", Role.ERROR)
        if len(step.wire):
            return Row(step.done, False, f"{size(len(step.wire))} to the client", Role.SERVER, arrow=False)
    return None


def summary(message: Message) -> str:
    """A message in a few words: its type, and what decides what happens next."""
    kind = printable(str(message.get("type", "a message without a type")))
    if kind == "http.response.start":
        return f"{kind} {printable(repr(message.get('status', 'without status')))}"
    if "body" in message or kind in ("http.request", "http.response.body"):
        body = message.get("body", b"")
        told = size(len(body)) if isinstance(body, bytes | Folded) else f"a body of type {type(body).__name__}"
        return f"{kind}, {told}, {'more follows' if message.get('more_body') else 'last'}"
    return kind + _websocket_detail(kind, message)


def _websocket_detail(kind: str, message: Message) -> str:
    """How much is sent or received, and with which code a WebSocket is closed."""
    if kind in ("websocket.receive", "websocket.send"):
        text, data = message.get("text"), message.get("bytes")
        if isinstance(data, bytes | Folded):
            return f", binary, {size(len(data))}"
        if isinstance(text, str):
            shown = f" {printable(text)}" if len(text) <= _SHORT_TEXT else ""
            return f", text, {len(text):,} character{'' if len(text) == 1 else 's'}{shown}"
    if kind in ("websocket.close", "websocket.disconnect"):
        code = message.get("code", 1000 if kind == "websocket.close" else None)
        reason = f" {printable(str(message['reason']))}" if message.get("reason") else ""
        return f" {printable(repr(code))}{reason}"
    subprotocol = message.get("subprotocol") if kind == "websocket.accept" else None
    return f", subprotocol {printable(str(subprotocol))}" if subprotocol else ""


def _drawn(row: Row, at: float | None, page: Page) -> Iterator[Line]:
    time = "" if at is None else duration(at)
    if page.width < _NARROW:
        yield from _stacked(row, time, page)
        return
    room = page.width - _TIME - _SERVER - _ARROW
    left = [tail_of(row.source, _SERVER - 1)] if row.by_app else words(row.text, _SERVER - 1)
    right = words(row.text, room) if row.by_app else [""]
    arrow = (page.glyphs.left if row.by_app else page.glyphs.right) if row.arrow else ""
    for number in range(max(len(left), len(right))):
        yield [
            (f"{time if number == 0 else '':{_TIME}}", Role.QUIET),
            (f"{left[number] if number < len(left) else '':{_SERVER}}", Role.QUIET if row.by_app else row.role),
            (f"{arrow if number == 0 else '':{_ARROW}}", Role.QUIET),
            (right[number] if number < len(right) else "", row.role),
        ]


def tail_of(source: str, width: int) -> str:
    """As much of a path's end as fits; the whole of it is in the recording."""
    while len(source) > width and "/" in source:
        source = source.partition("/")[2]
    return source[-width:]


def _stacked(row: Row, time: str, page: Page) -> Iterator[Line]:
    """On a narrow page the lanes give way to names."""
    who = "app" if row.by_app else "server"
    first, *rest = words(f"{who}: {row.text}", page.width - _TIME)
    yield [(f"{time:{_TIME}}", Role.QUIET), (first, row.role)]
    for line in rest:
        yield [(" " * _TIME, Role.PLAIN), (line, row.role)]
