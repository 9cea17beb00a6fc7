"""How a capture's bytes reach the server: which reads, and what the client does when it has sent all.

Without an application a stand-in answers: it reads the whole request, sends an empty 200 and
returns. The turns of uvicorn's event loop are kept: what is asked for in one turn happens in the
next, in the order it was asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .asgi import RESPONSE_BODY, RESPONSE_START, Message, Scope
from .captures.capture import ClientConnection
from .recording import Budget, Observed, Outcome, Steps, Tape
from .servers.uvicorn import connect
from .servers.uvicorn_cycle import Connection, Cycle
from .servers.uvicorn_scope import Settings, apply_proxy_headers

STAND_IN: tuple[dict[str, Any], ...] = (
    {"type": RESPONSE_START, "status": 200, "headers": [(b"content-length", b"0")]},
    {"type": RESPONSE_BODY, "body": b"", "more_body": False},
)


def reads(client: ClientConnection, read_size: int) -> Iterator[bytes]:
    """The client's bytes in the reads the server makes: each segment, cut to `read_size` at most."""
    return client.parts(read_size)


def snapshot(scope: Scope) -> Scope:
    """The scope as the application is called with it, safe from what it does to it later."""
    return {**scope, "asgi": dict(scope["asgi"]), "headers": list(scope["headers"]), "state": dict(scope["state"])}


@dataclass(slots=True, kw_only=True)
class Taken:
    """What one cycle was given, and what came back for it. Filled while the connection is played.

    `error` is what the application raised, `traceback` that error with the application's frames;
    `printed` is what it wrote to standard output and error, or logged, while it answered.
    """

    cycle: Cycle
    scope: Scope
    receive: list[Message] = field(default_factory=list)
    send: list[Message] = field(default_factory=list)
    steps: Steps = field(default_factory=Steps)
    wire: Tape
    content: Tape
    outcome: Outcome = Outcome.NOT_RUN
    error: str | None = None
    traceback: str | None = None
    observed: tuple[Observed, ...] = ()


@dataclass(slots=True, kw_only=True)
class Played:
    """A connection after the client has left: `taken` has one entry for each call, in order.

    `closed_by_server` tells that uvicorn closed while the client was still there.
    """

    connection: Connection
    taken: list[Taken]
    closed_by_server: bool


class Event:
    """asyncio.Event without a loop: `set` queues the waiter's next turn."""

    def __init__(self, turns: deque[Callable[[], None]]) -> None:
        self._turns = turns
        self._set = False
        self._waiter: Callable[[], None] | None = None

    def set(self) -> None:
        self._set = True
        if self._waiter is not None:
            self._turns.append(self._waiter)
            self._waiter = None

    def clear(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def when_set(self, step: Callable[[], None]) -> None:
        """Run `step` now if set, else on the turn after it is."""
        if self._set:
            step()
        else:
            self._waiter = step


class StandIn:
    """The host of a connection without an application: a queue of turns, and the stand-in itself."""

    def __init__(self, limit: int) -> None:
        self._turns: deque[Callable[[], None]] = deque()
        self._limit = limit
        self.connection: Connection
        self.taken: list[Taken] = []

    def event(self) -> Event:
        return Event(self._turns)

    def start(self, cycle: Cycle) -> None:
        self._turns.append(lambda: self._call(cycle))

    def lose(self, error: BaseException | None) -> None:
        self._turns.append(lambda: self.connection.connection_lost(error))

    def run(self) -> None:
        """Take turns until everything waits."""
        while self._turns:
            self._turns.popleft()()

    def _call(self, cycle: Cycle) -> None:
        apply_proxy_headers(cycle.scope, self.connection.settings)
        taken = Taken(cycle=cycle, scope=snapshot(cycle.scope), wire=Tape(self._limit), content=Tape(self._limit))
        cycle.wire, cycle.content = taken.wire.write, taken.content.write
        self.taken.append(taken)
        self._receive(taken, Budget(self._limit))

    def _receive(self, taken: Taken, budget: Budget) -> None:
        event = taken.cycle.message_event
        assert isinstance(event, Event)
        if taken.cycle.begin_receive():
            event.when_set(lambda: self._woken(taken, budget))
        else:
            self._received(taken, budget)

    def _woken(self, taken: Taken, budget: Budget) -> None:
        taken.cycle.message_event.clear()
        self._received(taken, budget)

    def _received(self, taken: Taken, budget: Budget) -> None:
        cycle = taken.cycle
        message = cycle.end_receive()
        taken.receive.append(budget.keep(message))
        if message.get("more_body"):
            # The next turn, not a call from here: a body of many reads must not deepen the stack.
            self._turns.appendleft(lambda: self._receive(taken, budget))
        elif "body" in message:
            self._answer(cycle)
        else:
            cycle.returned(None)

    def _answer(self, cycle: Cycle) -> None:
        try:
            for message in STAND_IN:
                cycle.send(message)
        except Exception:  # what h11 refuses to send after CONNECT, say: uvicorn cuts the connection
            cycle.raised()
        else:
            cycle.returned(None)


def play(client: ClientConnection, parser: str, settings: Settings, *, read_size: int, limit: int) -> Played:
    """Give the client's bytes to uvicorn with `parser`, the stand-in answering, until the client leaves."""
    host = StandIn(limit)
    connection = host.connection = connect(parser, settings, host)
    for data in reads(client, read_size):
        if connection.transport.closing or connection.transport.reading_paused:
            break
        connection.receive_data(data)
        host.run()
    closed = connection.transport.closing
    connection.client_closed()
    host.run()
    return Played(connection=connection, taken=host.taken, closed_by_server=closed)
