"""The conversation of client, server and application as one layout, which every drawing of it shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..exchange import By, Exchange, Verdict
from ..inspection import Inspection
from ..recording import Call, Folded, Outcome, Sight, Step
from ..span import printable, visible
from .layout import size
from .plain_values import plain_exchange, plain_value
from .response_text import why_closed
from .scene import APP, CLIENT, SERVER, Kind, Row, Scene
from .timeline_text import summary
from .websocket_scene import with_frames

if TYPE_CHECKING:  # a picture without an application loads no event loop
    from ..lifespan import LifespanReport

_ROWS_FIRST, _ROWS_LAST = 48, 16
_MOST_LANES = 6  # calls beside each other; more are drawn one below the other
_TARGET_SHOWN = 60


@dataclass(slots=True)
class _Rows:
    """Rows that are being gathered; `shift` and `lane` place a call among others."""

    lane: int = APP
    shift: float = 0.0
    clock: bool = True
    rows: list[Row] = field(default_factory=list)

    def add(
        self, at: float | None, start: int, end: int, text: str, kind: Kind, opens: str = "", source: str = ""
    ) -> None:
        time = None if at is None or not self.clock else at + self.shift
        lanes = {"start": self.lane if start == APP else start, "end": self.lane if end == APP else end}
        self.rows.append(Row(at=time, **lanes, text=text, kind=kind, opens=opens, source=printable(source)))

    def in_time(self) -> tuple[Row, ...]:
        """Sorted where a clock ran; what has no time stays behind what it follows."""
        last, keyed = float("-inf"), []
        for row in self.rows:
            last = row.at if row.at is not None else last
            keyed.append((last, row))
        return tuple(row for _, row in sorted(keyed, key=lambda pair: pair[0]))


def server_name(inspection: Inspection) -> str:
    """The server as a lane is headed."""
    return f"{inspection.server.name} {inspection.server.version}"


def scenes(inspection: Inspection) -> Iterator[Scene]:
    """Startup, the requests of every connection, shutdown."""
    startup, shutdown = lifespan_scenes(inspection.lifespan)
    if startup is not None:
        yield startup
    several = len(inspection.capture.connections) > 1
    for group in overlapping(inspection.exchanges):
        yield group_scene(group, several=several)
    if shutdown is not None:
        yield shutdown


def overlapping(exchanges: Iterable[Exchange]) -> Iterator[tuple[Exchange, ...]]:
    """Exchanges one by one; streams of one HTTP/2 connection that were open at the same time together."""
    group: list[Exchange] = []
    until = 0.0
    for exchange in exchanges:
        joins = (
            bool(group)
            and group[-1].connection == exchange.connection
            and _multiplexed(exchange)
            and exchange.began < until
            and len(group) < _MOST_LANES
        )
        if group and not joins:
            yield tuple(group)
            group, until = [], 0.0
        group.append(exchange)
        ends = [step.at if step.done is None else step.done for step in exchange.steps]
        until = max(until, exchange.began + max(ends, default=0.0))
    if group:
        yield tuple(group)


def _multiplexed(exchange: Exchange) -> bool:
    return exchange.request is not None and exchange.request.http_version.startswith("2")


def group_scene(group: Sequence[Exchange], *, several: bool = False) -> Scene:
    """One request, or those that overlap, each with a lane of its own for its call."""
    first = group[0]
    gathered: list[Row] = []
    for number, exchange in enumerate(group):
        rows = _Rows(lane=APP + number, shift=exchange.began - first.began, clock=exchange.outcome != Outcome.NOT_RUN)
        _exchange_rows(plain_exchange(exchange), rows)
        gathered += rows.in_time()
    merged = _Rows(rows=gathered).in_time() if len(group) > 1 else tuple(gathered)
    where = f", connection {first.connection}" if several else ""
    title = "  ".join(f"{exchange.number}  {request_line(exchange)}" for exchange in group)
    return Scene(
        id=f"x{first.number}",
        title=title + where,
        rows=_folded(merged),
        lanes=tuple(f"app, request {exchange.number}" for exchange in group) if len(group) > 1 else ("app",),
        bad=any(exchange.verdict is not Verdict.ACCEPTED for exchange in group),
        called=any(exchange.outcome is not Outcome.NOT_RUN for exchange in group),
    )


def request_line(exchange: Exchange) -> str:
    """Method and target as they were sent, long ones cut."""
    lines = exchange.head.lines
    line = lines[0].of(exchange.data) if lines else b""
    if not line and exchange.request is not None:  # what no line of text asked for
        request = exchange.request
        line = b" ".join((request.method, request.target, b"HTTP/" + request.http_version.encode()))
    if not line:
        return "(no request line)"
    shown = visible(line[:_TARGET_SHOWN])
    return shown if len(line) <= _TARGET_SHOWN else f"{shown}…"


def _folded(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    hidden = len(rows) - _ROWS_FIRST - _ROWS_LAST
    if hidden <= 0:
        return rows
    told = Row(at=None, start=SERVER, end=SERVER, text=f"… {hidden:,} more", kind=Kind.NOTE)
    return (*rows[:_ROWS_FIRST], told, *rows[-_ROWS_LAST:])


def _exchange_rows(exchange: Exchange, rows: _Rows) -> None:
    _reads(exchange, rows)
    prefix = f"x{exchange.number}"
    if exchange.scope is not None:
        verb = "would call" if exchange.outcome is Outcome.NOT_RUN else "calls"
        rows.add(0.0, SERVER, APP, f"{verb} app(scope, receive, send)", Kind.CALL, f"{prefix}-scope")
    if exchange.outcome is Outcome.NOT_RUN:
        for number, message in enumerate(exchange.receive, 1):
            opens = f"{prefix}-m{number}" if number <= _ROWS_FIRST else f"{prefix}-scope"
            rows.add(None, SERVER, APP, summary(message), Kind.GIVE, opens)
    calls = _Rows(lane=APP, clock=rows.clock)
    for number, step in enumerate(exchange.steps, 1):
        _step_rows(step, f"{prefix}-s{number}", calls)
    in_time = calls.in_time()
    if exchange.websocket is not None:
        in_time = tuple(with_frames(in_time, exchange, prefix))
    for row in in_time:
        rows.add(row.at, row.start, row.end, row.text, row.kind, row.opens, row.source)
    if exchange.steps_left_out:
        rows.add(None, APP, APP, f"{exchange.steps_left_out:,} steps are not kept", Kind.NOTE)
    _ending(exchange, rows, f"{prefix}-response")


def _reads(exchange: Exchange, rows: _Rows) -> None:
    """The reads that brought the request; frames of a WebSocket are told as frames."""
    talk = exchange.websocket
    end = exchange.span.end if talk is None else talk.handshake_end
    for number, arrived in enumerate(exchange.arrived):
        if arrived.span.start >= end and number:
            break
        here = min(arrived.span.end, end) - max(arrived.span.start, exchange.span.start)
        whole = arrived.span.end - arrived.span.start
        told = size(here) if here >= whole else f"{here} of {size(whole)}"
        line = f"{request_line(exchange)}, " if number == 0 else ""
        rows.add(arrived.at, CLIENT, SERVER, line + told, Kind.READ, f"x{exchange.number}-bytes")


def _step_rows(step: Step, opens: str, rows: _Rows) -> None:
    """Asking and answering are two arrows: something else may happen in between."""
    source = step.source or ""
    done = step.at if step.done is None else step.done
    if step.call is Call.RECEIVE:
        rows.add(step.at, APP, SERVER, "receive()", Kind.ASK, opens, source)
        if step.message is not None:
            rows.add(done, SERVER, APP, summary(step.message), Kind.GIVE, opens)
    elif step.call is Call.SEND:
        rows.add(step.at, APP, SERVER, f"send {summary(step.message or {})}", Kind.SEND, opens, source)
    elif step.call is Call.RETURN:
        rows.add(step.at, APP, SERVER, printable(step.error) if step.error else "returns", Kind.RETURN, opens)
        return
    elif step.call is Call.RAISE:
        rows.add(step.at, APP, SERVER, f"raises {printable(step.error or '')}", Kind.ERROR, opens, source)
    if step.error and step.call in (Call.RECEIVE, Call.SEND):
        rows.add(done, SERVER, APP, f"raises {printable(step.error)}", Kind.ERROR, opens)
    if len(step.wire):
        rows.add(done, SERVER, CLIENT, _wire_words(step.wire), Kind.WIRE, opens)


def _wire_words(wire: bytes | Folded) -> str:
    head = wire.head if isinstance(wire, Folded) else wire
    line = visible(head.partition(b"\r\n")[0][:_TARGET_SHOWN]) if head.startswith(b"HTTP/1.") else ""
    return f"{line}, {size(len(wire))}" if line else size(len(wire))


def _ending(exchange: Exchange, rows: _Rows, opens: str) -> None:
    """What no step tells: the server's own answer, a client that gave up, the connection's fate."""
    if exchange.outcome is Outcome.TIMED_OUT:
        at = next((one.at for one in exchange.observed if one.sight is Sight.WAITED_AT), None)
        rows.add(at, CLIENT, CLIENT, "time is up: the client leaves", Kind.ERROR, opens)
    response = exchange.response
    if response is not None and response.by is not By.STAND_IN:
        told = sum(len(step.wire) for step in exchange.steps)
        if not told and not exchange.steps_left_out:
            rows.add(None, SERVER, CLIENT, _wire_words(response.wire), Kind.WIRE, opens)
        elif exchange.verdict is Verdict.REJECTED and len(response.wire) > told:
            rows.add(None, SERVER, CLIENT, f"the server's 400, {size(len(response.wire) - told)}", Kind.WIRE, opens)
    if exchange.outcome is Outcome.NOT_RUN and exchange.verdict is not Verdict.REJECTED:
        return
    kept = "kept alive" if exchange.http2 is None else "kept open"
    fate = kept if exchange.keep_alive else f"closed: {why_closed(exchange, exchange.data)}"
    rows.add(None, SERVER, SERVER, fate, Kind.NOTE, opens)


def lifespan_scenes(report: LifespanReport | None) -> tuple[Scene | None, Scene | None]:
    """Startup, and shutdown where it was asked for."""
    if report is None or not report.steps:
        return None, None
    rows = _Rows()
    rows.add(0.0, SERVER, APP, "calls app(scope, receive, send), a lifespan scope", Kind.CALL)
    for number, step in enumerate(report.steps, 1):
        _step_rows(step._replace(message=plain_value(step.message)), f"lifespan-s{number}", rows)
    ordered = rows.in_time()
    stops = [n for n, row in enumerate(ordered) if row.kind is Kind.GIVE and row.text == "lifespan.shutdown"]
    cut = stops[0] if stops else len(ordered)
    startup = Scene(
        id="startup",
        title=f"Startup {report.startup.status}",
        rows=_folded(ordered[:cut]),
        bad=report.startup.status.bad,
    )
    if not stops:
        return startup, None
    began = ordered[cut].at or 0.0
    late = tuple(replace(row, at=None if row.at is None else row.at - began) for row in ordered[cut:])
    title = f"Shutdown {report.shutdown.status}"
    return startup, Scene(id="shutdown", title=title, rows=_folded(late), bad=report.shutdown.status.bad)
