"""A scene as SVG: lanes from top to bottom, an arrow for each message, time to scale with long waits folded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .elements import Markup, element, joined
from .layout import duration, words
from .scene import APP, CLIENT, SERVER, Kind, Row, Scene
from .timeline_text import tail_of

_TIME, _CLIENT, _SERVER, _APP, _BESIDE, _SOURCE = 74, 92, 422, 752, 200, 176
_CHARACTER = 6.95  # of 11.5 px monospace
_ROW, _LINE, _FOLD = 28.0, 14.0, 54.0  # between arrows, for a second line of text, for a folded wait
_HEAD, _FOOT = 34.0, 22.0
_STRETCH = 3.0  # rows that the longest wait to scale takes
_LONG = 12.0  # times the usual wait, from which on a wait is folded
_LINES = 2
_SOURCE_SHOWN = 26


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row at its height; `fold` is the wait that is folded above it, in milliseconds."""

    row: Row
    y: float
    lines: tuple[str, ...]
    fold: float | None


def x_of(lane: int) -> float:
    """Where a lane stands."""
    return (_CLIENT, _SERVER)[lane] if lane < APP else _APP + (lane - APP) * _BESIDE


def width_of(scene: Scene) -> float:
    """Pixels from the times to the sources."""
    return x_of(APP + len(scene.lanes) - 1) + _SOURCE


def scene_svg(
    scene: Scene, server: str, *, top: float = 0.0, links: bool = True, flagged: Collection[str] = ()
) -> tuple[Markup, float]:
    """The scene's elements from `top` on, and the height that they take.

    `links` lead to what arrows open; of those in `flagged` something is wrong, and a mark says so.
    """
    placed = list(_placed(scene.rows, top + _HEAD))
    bottom = (placed[-1].y if placed else top + _HEAD) + _FOOT
    lanes = [_lane(lane, name, top, bottom) for lane, name in enumerate(("client", server, *scene.lanes))]
    drawn = joined(
        *lanes,
        *_bars(scene, placed, bottom - 8),
        *(_fold(one, scene) for one in placed if one.fold is not None),
        *_times(placed),
        *(_drawn(one, scene, links, flagged) for one in placed),
    )
    return drawn, bottom - top


def _placed(rows: Sequence[Row], y: float) -> Iterator[_Placed]:
    """Each row at least a row's height below the one before; longer waits to scale, the longest folded."""
    waits = _waits(rows)
    real = sorted(wait for wait in waits if wait > 0)
    limit = real[len(real) // 2] * _LONG if real else 0.0
    for row, wait in zip(rows, waits, strict=True):
        lines = _wrapped(row)
        fold = wait if limit and wait > limit else None
        to_scale = _ROW * _STRETCH * wait / limit if limit and fold is None else 0.0
        y += (_FOLD if fold else max(_ROW, to_scale)) + _LINE * (len(lines) - 1)
        yield _Placed(row, y, lines, fold)


def _waits(rows: Sequence[Row]) -> list[float]:
    """Milliseconds between each row and the last before it that has a time."""
    waits, last = [], None
    for row in rows:
        waits.append(row.at - last if row.at is not None and last is not None else 0.0)
        last = row.at if row.at is not None else last
    return waits


def _wrapped(row: Row) -> tuple[str, ...]:
    room = abs(x_of(row.end) - x_of(row.start)) if row.start != row.end else x_of(APP) - x_of(SERVER)
    characters = int((min(room, x_of(SERVER) - x_of(CLIENT)) - 24) / _CHARACTER)
    lines = words(row.text, characters)
    if len(lines) <= _LINES:
        return tuple(lines)
    return (*lines[: _LINES - 1], f"{lines[_LINES - 1][: characters - 1]}…")


def _lane(lane: int, name: str, top: float, bottom: float) -> Markup:
    x = x_of(lane)
    half = max(len(name) * _CHARACTER / 2 + 12, 34)
    role = ("client", "server", "app")[min(lane, APP)]
    return element(
        "g",
        element("path", class_="life", d=f"M{x:g} {top + 24:g}V{bottom:g}"),
        element("rect", x=f"{x - half:g}", y=f"{top + 1:g}", width=f"{2 * half:g}", height="24", rx="12"),
        element("text", name, x=f"{x:g}", y=f"{top + 17:g}", text_anchor="middle"),
        class_=f"lane {role}",
    )


def _bars(scene: Scene, placed: list[_Placed], bottom: float) -> Iterator[Markup]:
    """Where the application is at work, and, lighter, where it waits in receive()."""
    for lane in range(APP, APP + len(scene.lanes)) if scene.called else ():
        own = [one for one in placed if lane in (one.row.start, one.row.end)]
        if not own:
            continue
        ends = [one.y for one in own if one.row.kind is Kind.RETURN or _raised(one.row)]
        yield _bar(lane, own[0].y, ends[-1] if ends else bottom, "bar")
        for one in own:
            if one.row.kind is Kind.ASK:
                answers = (other for other in own if other.row.opens == one.row.opens and other.y > one.y)
                answer = next((other.y for other in answers if other.row.start == SERVER), None)
                yield _bar(lane, one.y, answer if answer is not None else (ends[-1] if ends else bottom), "wait")


def _raised(row: Row) -> bool:
    return row.kind is Kind.ERROR and row.start >= APP and row.end == SERVER


def _bar(lane: int, start: float, end: float, kind: str) -> Markup:
    return element(
        "rect", class_=kind, x=f"{x_of(lane) - 4:g}", y=f"{start:g}", width="8", height=f"{max(end - start, 2):g}"
    )


def _fold(one: _Placed, scene: Scene) -> Markup:
    """A break in every lane, with the time that passes in it."""
    y = one.y - (len(one.lines) - 1) * _LINE - _FOLD / 2 - 3
    breaks = [_break(x_of(lane), y) for lane in range(APP + len(scene.lanes))]
    assert one.fold is not None
    told = f"{duration(one.fold)} pass"
    middle = (x_of(SERVER) + x_of(APP)) / 2
    return element(
        "g", *breaks, element("text", told, x=f"{middle:g}", y=f"{y + 4:g}", text_anchor="middle"), class_="fold"
    )


def _break(x: float, y: float) -> Markup:
    return joined(
        element("rect", x=f"{x - 7:g}", y=f"{y - 4:g}", width="14", height="8"),
        *(element("path", d=f"M{x - 7:g} {y + shift:g}q3.5 -5 7 0t7 0") for shift in (-4, 4)),
    )


def _times(placed: list[_Placed]) -> Iterator[Markup]:
    last = ""
    for one in placed:
        time = "" if one.row.at is None else duration(one.row.at).replace("-", "−")
        if time and time != last:
            yield element("text", time, class_="time", x=_TIME, y=f"{one.y + 4:g}", text_anchor="end")
        last = time or last


def _drawn(one: _Placed, scene: Scene, links: bool, flagged: Collection[str]) -> Markup:
    """An arrow with its text above and the application's line beside, or a note."""
    row = one.row
    left = min(x_of(row.start), x_of(row.end))
    if row.start == row.end:
        parts = [element("circle", cx=f"{x_of(row.start):g}", cy=f"{one.y - 4:g}", r="4")]
        lines = _lines(one.lines, left + 14, one.y)
    else:
        parts = [element("path", d=_arrow(row, one.y))]
        lines = _lines(one.lines, left + 12, one.y - 6)
    if row.source:
        x = x_of(APP + len(scene.lanes) - 1) + 14
        shown = tail_of(row.source, _SOURCE_SHOWN)
        parts.append(element("text", shown, class_="source", x=f"{x:g}", y=f"{one.y + 4:g}"))
    if row.opens in flagged and row.start >= APP:
        x = x_of(APP + len(scene.lanes) - 1) - 16
        parts.append(element("path", class_="flag", d=f"M{x:g} {one.y - 16:g}l6 11h-12zm0 4v3m0 2v0"))
    told = joined(element("title", _told(row)), *parts, *lines)
    if links and row.opens:
        return element("a", told, href=f"#{row.opens}", class_=f"row {row.kind}")
    return element("g", told, class_=f"row {row.kind}")


def _lines(lines: tuple[str, ...], x: float, y: float) -> Iterator[Markup]:
    for number, line in enumerate(reversed(lines)):
        yield element("text", line, x=f"{x:g}", y=f"{y - number * _LINE:g}")


def _arrow(row: Row, y: float) -> str:
    start, end = x_of(row.start), x_of(row.end)
    direction = 1 if end > start else -1
    start += direction * (5 if row.start >= APP else 1)
    tip = end - direction * (5 if row.end >= APP else 1)
    return f"M{start:g} {y:g}H{tip:g}m{-6 * direction:g} -4l{6 * direction:g} 4l{-6 * direction:g} 4"


def _told(row: Row) -> str:
    """The whole row as a sentence, for the pointer and for a screen reader."""
    names = ("client", "server", "app")
    way = names[min(row.start, APP)] + (f" to {names[min(row.end, APP)]}" if row.start != row.end else "")
    time = "" if row.at is None else f"{duration(row.at)}, "
    return f"{time}{way}: {row.text}" + (f" ({row.source})" if row.source else "")
