"""What asgi-inspect shows, put beside what the oracle saw, in the same words.

Every comparison is counted; the end of the test run prints the counts (conftest.py).
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import asgi_inspect
from asgi_inspect.arrival import Played, Taken
from asgi_inspect.captures.capture import ClientConnection
from asgi_inspect.exchange import Exchange, Verdict
from asgi_inspect.idle import IdleSelector
from asgi_inspect.options import Options
from asgi_inspect.recording import Call, Outcome, Step
from asgi_inspect.runner import Progress, run
from asgi_inspect.servers.uvicorn_http2 import Http2Server
from asgi_inspect.servers.uvicorn_scope import Settings
from asgi_inspect.stand_in import play
from tests import oracle
from tests.oracle import App, Observed, Parser

DATE = "Thu, 01 Jan 1970 00:00:00 GMT"
UNCUT = 1 << 30
SETTINGS = Settings(default_headers=tuple(oracle.DEFAULT_HEADERS))

CASES: Counter[str] = Counter()
DIFFERENCES: Counter[str] = Counter()


@dataclass
class SeenCall:
    """One call of the application: the scope in its order, what it received, sent and raised."""

    scope: list[tuple[str, Any]]
    received: list[dict[str, Any]]
    sends: list[tuple[str, str | None]] = field(default_factory=list)
    raised: str | None = None


@dataclass
class Seen:
    """One connection: the calls, the bytes that went to the client, and whether the server closed first."""

    calls: list[SeenCall]
    wire: bytes
    closed: bool


def same(topic: str, ours: Seen, theirs: Seen, *what: object) -> None:
    """Count the case, and fail where the two differ; `what` names the case."""
    CASES[topic] += 1
    if ours != theirs:
        DIFFERENCES[topic] += 1
        raise AssertionError("\n".join([f"{topic}: {' '.join(map(str, what))}", *_differences(ours, theirs)]))


def _differences(ours: Seen, theirs: Seen) -> Iterator[str]:
    if len(ours.calls) != len(theirs.calls):
        yield f"calls: ours {len(ours.calls)}, uvicorn's {len(theirs.calls)}"
    for number, (our, their) in enumerate(zip(ours.calls, theirs.calls, strict=False), 1):
        yield from _unequal(our, their, f"call {number}, ")
    yield from _unequal(replace(ours, calls=[]), replace(theirs, calls=[]), "")


def _unequal(ours: Seen | SeenCall, theirs: Seen | SeenCall, where: str) -> Iterator[str]:
    for name, our in vars(ours).items():
        their = getattr(theirs, name)
        if our != their:
            yield f"{where}{name}:\n  ours      {our!r}\n  uvicorn's {their!r}"


# The oracle's side


def theirs(observed: Observed, *, messages_only: bool = False) -> Seen:
    """What the oracle observed; `messages_only` leaves out what the application did."""
    assert not observed.timed_out
    calls = [
        SeenCall(list(call.scope.items()), call.received)
        if messages_only
        else SeenCall(
            list(call.scope.items()),
            call.received,
            [(_kind(kind), _error(error)) for kind, error in call.sends],
            _error(call.raised),
        )
        for call in observed.calls
    ]
    return Seen(calls, observed.wire, observed.closed)


def _kind(kind: str) -> str:
    return "not a dict" if kind in ("NoneType", "str") else kind


def _error(told: str | None) -> str | None:
    """asgi-inspect writes an exception without a text as its name alone."""
    return None if told is None else told.removesuffix(": ")


# Our side


def connection(reads: Iterable[bytes]) -> ClientConnection:
    """The reads as the segments of one client connection."""
    pieces = [data for data in reads if data]
    return ClientConnection(number=1, data=b"".join(pieces), segments=tuple(map(len, pieces)))


def of_played(played: Played, *, messages_only: bool = False) -> Seen:
    """What a played connection left behind."""
    calls = [
        SeenCall(list((taken.scope or {}).items()), [dict(message) for message in taken.receive])
        if messages_only
        else _of_taken(taken)
        for taken in played.taken
    ]
    if isinstance(played.connection, Http2Server):
        written = played.connection.log.written.value()
        assert isinstance(written, bytes)
        return Seen(calls, written, played.closed_by_server)
    wires = [taken.wire.value() for taken in played.taken]
    wire = b"".join(part for part in wires if isinstance(part, bytes)) + played.connection.refusal
    return Seen(calls, wire, played.closed_by_server)


def _of_taken(taken: Taken) -> SeenCall:
    return _call(taken.scope, taken.receive, taken.steps.kept())


def _call(scope: Any, received: Iterable[Any], steps: Iterable[Step]) -> SeenCall:
    sends: list[tuple[str, str | None]] = []
    raised = None
    for step in steps:
        if step.call is Call.SEND:
            sends.append((_message_kind(step.message), step.error))
        elif step.call is Call.RAISE:
            raised = step.error
    return SeenCall(list(scope.items()), [dict(message) for message in received], sends, raised)


def _message_kind(message: Any) -> str:
    return "not a dict" if "(not a dict)" in message else str(message.get("type", ""))


def of_exchanges(exchanges: Sequence[Exchange], *, messages_only: bool = False) -> Seen:
    """What the exchanges of one connection show."""
    called = [exchange for exchange in exchanges if exchange.scope is not None]
    calls = [
        SeenCall(list((exchange.scope or {}).items()), [dict(message) for message in exchange.receive])
        if messages_only
        else _call(exchange.scope, exchange.receive, exchange.steps)
        for exchange in called
    ]
    wires = [exchange.response.wire for exchange in exchanges if exchange.response is not None]
    return Seen(calls, b"".join(part for part in wires if isinstance(part, bytes)), _server_closed(exchanges))


def _server_closed(exchanges: Sequence[Exchange]) -> bool:
    """A connection is not kept alive because the server closed it, or because the client left."""
    if not exchanges:
        return False
    last = exchanges[-1]
    client_left = last.verdict is Verdict.INCOMPLETE and last.scope is None
    gave_up = last.outcome in (Outcome.TIMED_OUT, Outcome.DISCONNECTED)
    return not (last.keep_alive or client_left or gave_up)


def stand_in(parser: Parser, reads: Iterable[bytes], settings: Settings = SETTINGS) -> Seen:
    """The reads played without an application."""
    return of_played(play(connection(reads), parser, settings, read_size=UNCUT, limit=UNCUT), messages_only=True)


def inspected(data: bytes, **options: Any) -> asgi_inspect.Inspection:
    """The public interface with the date fixed and the bytes as they are, in one read."""
    defaults = {"strict_bytes": True, "date": DATE, "read_size": UNCUT, "from_": "raw"}
    return asgi_inspect.inspect(data, **{**defaults, **options})


# Dry runs without waiting


class _Selector(IdleSelector):
    """Where the loop would sleep for a timer, its clock is moved on instead."""

    loop: "_Loop"

    def select(self, timeout: float | None = None) -> Any:
        if self.waiter is None and timeout is not None and timeout > 0:
            ready = super().select(0)
            if not ready:
                self.loop.now += timeout
            return ready
        return super().select(timeout)


class _Loop(asyncio.SelectorEventLoop):
    """A loop whose clock moves only where the loop would sleep: time limits cost no time."""

    now = 0.0

    def time(self) -> float:
        return self.now


def dry_run(parser: Parser, reads: Iterable[bytes], app: App, **changes: Any) -> Seen:
    """The runner itself on a loop whose clock stands still while there is something to do."""
    settings = replace(SETTINGS, http2=parser == "zttp")
    options = Options(**{"lifespan": "off", "loop": "asyncio", "read_size": UNCUT, "body_limit": UNCUT, **changes})
    selector = _Selector()
    loop = selector.loop = _Loop(selector)
    loop.set_exception_handler(lambda loop, context: None)
    progress = Progress()
    try:
        loop.run_until_complete(
            run(app, (connection(reads),), parser, settings, options, progress, selector)  # type: ignore[arg-type]
        )
    finally:
        loop.close()
    return of_played(progress.played[0][1])
