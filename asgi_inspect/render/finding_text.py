"""A finding drawn as compilers draw theirs: the line with its number, a caret under the byte, what to do."""

from __future__ import annotations

from collections.abc import Iterator

from ..captures.capture import Capture
from ..findings import Finding, Severity
from ..span import LineIndex, Position, Span, printable, visible
from .layout import Line, Page, Role, cut, hanging, text_width, words

ROLES = {Severity.ERROR: Role.ERROR, Severity.WARNING: Role.WARNING, Severity.NOTE: Role.NOTE}


def finding_lines(finding: Finding, capture: Capture, page: Page) -> Iterator[Line]:
    """The headline, the place, and what is known about it."""
    yield from _headline(finding, page)
    gutter = 3
    if finding.span is not None:
        data = next(client.data for client in capture.connections if client.number == finding.connection)
        index = LineIndex(data)
        position = index.position(finding.span.start)
        gutter = max(len(str(position.line)), 1) + 1
        yield from _place(printable(capture.source), position, finding.span.start, gutter - 1, page)
        yield from _excerpt(finding, data, index, page, gutter)
    elif finding.source:
        for number, part in enumerate(cut(printable(finding.source), page.width - 6)):
            yield [("  --> " if number == 0 else " " * 6, Role.QUIET), (part, Role.PLAIN)]
    step = _step(finding)
    for note in (*([step] if step else []), *finding.notes, *([finding.spec] if finding.spec else [])):
        yield from _remark(note, "", gutter, page)
    if finding.help:
        yield from _remark(finding.help, "help: ", gutter, page)


def _place(source: str, position: Position, offset: int, indent: int, page: Page) -> Iterator[Line]:
    """`file:line:column (byte n)`; where that is too long the numbers stand below the name, never cut."""
    arrow = " " * indent + "--> "
    place = f"{source}:{position.line}:{position.column}"
    byte = f" (byte {offset})"
    if len(arrow) + text_width(place) + len(byte) <= page.width:
        yield [(arrow, Role.QUIET), (place, Role.PLAIN), (byte, Role.QUIET)]
        return
    for number, part in enumerate(cut(source, page.width - len(arrow))):
        yield [(arrow if number == 0 else " " * len(arrow), Role.QUIET), (part, Role.PLAIN)]
    for line in words(f"line {position.line}, column {position.column}{byte}", page.width - len(arrow)):
        yield [(" " * len(arrow), Role.QUIET), (line, Role.PLAIN)]


def _step(finding: Finding) -> str:
    """Which step of which call it is about, where it is about one."""
    if finding.step is None:
        return ""
    call = "the lifespan" if finding.exchange is None else f"request {finding.exchange}"
    return f"step {finding.step} of {call}"


def _headline(finding: Finding, page: Page) -> Iterator[Line]:
    head = f"{finding.severity}[{finding.rule}]"
    role = ROLES[finding.severity]
    lines = hanging(f"{head}: {printable(finding.message)}", page.width)
    yield [(head, role), (lines[0][len(head) :], Role.HEADING)] if lines[0].startswith(head) else [(lines[0], role)]
    for line in lines[1:]:
        yield [(line, Role.HEADING)]


def _remark(text: str, prefix: str, gutter: int, page: Page) -> Iterator[Line]:
    indent = " " * gutter
    first, *rest = words(prefix + printable(text), page.width - gutter - 2)
    yield [(f"{indent}= ", Role.QUIET), (first, Role.PLAIN)]
    for line in rest:
        yield [(f"{indent}  ", Role.QUIET), (line, Role.PLAIN)]


def _excerpt(finding: Finding, data: bytes, index: LineIndex, page: Page, gutter: int) -> Iterator[Line]:
    """The line, cut to the part around the fault where it is too long, and carets under the bytes."""
    assert finding.span is not None
    position = index.position(finding.span.start)
    whole = index.line_span(finding.span.start)
    room = page.width - gutter - 3
    shown = _window(data, whole, finding.span, room, page)
    before = visible(Span(shown.start, finding.span.start).of(data), page.glyphs.marks)
    marked_end = min(max(finding.span.end, finding.span.start + 1), shown.end)
    marked = visible(Span(finding.span.start, marked_end).of(data), page.glyphs.marks)
    after = visible(Span(marked_end, shown.end).of(data), page.glyphs.marks)
    dots = page.glyphs.ellipsis
    lead = dots if shown.start > whole.start else ""
    tail = dots if shown.end < whole.end else ""
    bar = page.glyphs.bar
    number = str(position.line).rjust(gutter - 1)
    role = ROLES[finding.severity]
    yield [(f"{' ' * gutter}{bar}", Role.QUIET)]
    yield [(f"{number} {bar} ", Role.QUIET), (lead + before, Role.PLAIN), (marked, role), (after + tail, Role.PLAIN)]
    carets = "^" * max(text_width(marked), 1)
    lead_width = text_width(lead + before)
    label = printable(finding.label)
    if label and lead_width + len(carets) + 1 + text_width(label) <= room:
        carets, label = f"{carets} {label}", ""
    yield [(f"{' ' * gutter}{bar} ", Role.QUIET), (" " * lead_width + carets, role)]
    for line in words(label, room) if label else ():
        yield [(f"{' ' * gutter}{bar} ", Role.QUIET), (line, role)]
    yield [(f"{' ' * gutter}{bar}", Role.QUIET)]


def _window(data: bytes, whole: Span, span: Span, room: int, page: Page) -> Span:
    """The part of the line to draw: all of it where it fits, else a stretch around the span's start."""
    room = max(room, 12)
    if whole.end - whole.start <= 4 * room and text_width(visible(whole.of(data), page.glyphs.marks)) <= room:
        return whole
    start = max(whole.start, min(span.start - room // 3, span.start))
    end = min(whole.end, max(span.start + 1, start + room))
    while end > span.start + 1 and text_width(visible(Span(start, end).of(data), page.glyphs.marks)) > room - 6:
        if span.start - start > 8 and (end - span.start) <= (span.start - start):
            start += 1
        else:
            end -= 1
    return Span(start, end)
