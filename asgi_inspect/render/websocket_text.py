"""The frames of a WebSocket as two lanes, client and server, and how the conversation ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..exchange import Exchange
from ..recording import Folded, Outcome
from ..span import printable, visible
from .layout import Line, Page, Role, size, words

if TYPE_CHECKING:
    from ..conversation import FrameRecord

_FIRST, _LAST = 60, 20
_NARROW = 56
_PREVIEW = 40


def frame_lines(exchange: Exchange, page: Page) -> Iterator[Line]:
    """What was agreed, then every frame; the middle of a long conversation is counted, not shown."""
    talk = exchange.websocket
    if talk is None or not (talk.frames or talk.accepted):
        return
    if talk.accepted:
        agreed = [f"subprotocol {printable(str(talk.subprotocol))}" if talk.subprotocol else "no subprotocol"]
        agreed.append(printable(talk.extension) or "no compression")
        for line in words("agreed: " + ", ".join(agreed), page.width):
            yield [(line, Role.QUIET)]
    if talk.frames and page.width >= _NARROW:
        yield [(f"{'client':{_lane(page)}}{'':6}server", Role.QUIET)]
    for record in _shown(talk.frames):
        if record is None:
            hidden = len(talk.frames) + talk.left_out - _FIRST - _LAST
            yield [(f"{page.glyphs.ellipsis} {hidden:,} frames more", Role.QUIET)]
        else:
            yield from _drawn(record, page)


def _lane(page: Page) -> int:
    return (page.width - 6) // 2


def _shown(frames: tuple[FrameRecord, ...]) -> Iterator[FrameRecord | None]:
    if len(frames) <= _FIRST + _LAST:
        yield from frames
        return
    yield from frames[:_FIRST]
    yield None
    yield from frames[-_LAST:]


def _drawn(record: FrameRecord, page: Page) -> Iterator[Line]:
    role = Role.ERROR if record.fault else Role.WARNING if not record.sent else Role.PLAIN
    text = frame_words(record)
    if page.width < _NARROW:
        who = "client" if record.by_client else "server"
        yield from ([(line, role)] for line in words(f"{who}: {text}", page.width))
        return
    lane = _lane(page)
    arrow = page.glyphs.right if record.by_client else page.glyphs.left
    for number, line in enumerate(words(text, lane - 1 if record.by_client else page.width - lane - 6)):
        shaft = f"{arrow if number == 0 else '':6}"
        if record.by_client:
            yield [(f"{line:{lane}}", role), (shaft, Role.QUIET)]
        else:
            yield [(" " * lane, Role.PLAIN), (shaft, Role.QUIET), (line, role)]


def frame_words(record: FrameRecord) -> str:
    """Opcode, length, a look at the content, and what is odd."""
    parts = [record.opcode if record.final else f"{record.opcode} (more follows)"]
    if record.code is not None:
        reason = f" {printable(record.reason)}" if record.reason else ""
        parts[0] += f" {record.code}{reason}"
    else:
        parts.append(f"{size(record.length)} {_preview(record)}".rstrip())
    if record.compressed:
        parts.append("compressed")
    if record.fault:
        parts.append(printable(record.fault))
    if not record.sent:
        parts.append("too late: never sent")
    return ", ".join(parts)


def _preview(record: FrameRecord) -> str:
    data = record.data.head if isinstance(record.data, Folded) else record.data
    if record.opcode == "binary":
        shown = data[: _PREVIEW // 4].hex(" ")
        return shown + (".." if len(data) > _PREVIEW // 4 else "")
    shown = visible(data[:_PREVIEW])
    return f'"{shown}"' + (".." if len(data) > _PREVIEW else "") if data else ""


def how_it_ended(exchange: Exchange) -> str:
    """Why the connection of an answered handshake is closed."""
    talk = exchange.websocket
    assert talk is not None
    if not talk.accepted:
        return "the application refused the handshake" if exchange.outcome is Outcome.COMPLETED else "it failed"
    if talk.fault is not None:
        return f"the client's frame is wrong: {printable(talk.fault.words)}"
    closing = [frame for frame in talk.frames if frame.opcode == "close" and frame.sent]
    if not closing:
        if exchange.outcome in (Outcome.INCOMPLETE, Outcome.RAISED):
            return "the application ended while the WebSocket was open: no close frame, the client sees 1006"
        return "the client left without a close frame"
    first, answered = closing[0], len(closing) > 1
    by = "client" if first.by_client else "server"
    code = "without a code" if first.code is None else f"with {first.code}"
    return f"the {by} closed {code}{'' if answered else ', and no close frame came back'}"
