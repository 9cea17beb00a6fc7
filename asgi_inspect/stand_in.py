"""What takes the application's place where none is given: it reads the whole request, sends an empty 200 and returns.

No event loop runs. The turns of uvicorn's are kept: what is asked for in one turn happens in the next, in the
order it was asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from .arrival import Played, Read, Taken, reads, snapshot
from .asgi import RESPONSE_BODY, RESPONSE_START, Message
from .captures.capture import ClientConnection
from .events import PREFACE
from .reads import Reads
from .recording import Budget, Tape
from .servers.called import Called
from .servers.uvicorn import connect
from .servers.uvicorn_cycle import Connection
from .servers.uvicorn_scope import Settings, apply_proxy_headers
from .websocket_client import Said

STAND_IN: tuple[dict[str, Any], ...] = (
    {"type": RESPONSE_START, "status": 200, "headers": [(b"content-length", b"0")]},
    {"type": RESPONSE_BODY, "body": b"", "more_body": False},
)


ACCEPTS: Message = {"type": "websocket.accept"}


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
        """Run `step` on the turn after it is set."""
        self._waiter = step


class StandIn:
    """The host of a connection without an application: a queue of turns, and the stand-in itself."""

    def __init__(self, limit: int) -> None:
        self._turns: deque[Callable[[], None]] = deque()
        self._limit = limit
        self.connection: Connection
        self.taken: list[Taken] = []
        self.reads = Reads()

    def event(self) -> Event:
        return Event(self._turns)

    def start(self, cycle: Called) -> None:
        self._turns.append(lambda: self._call(cycle))

    def soon(self, callback: Callable[[], None]) -> None:
        self._turns.append(callback)

    def lose(self, error: BaseException | None) -> None:
        self._turns.append(lambda: self.connection.connection_lost(error))

    def take(self, read: Read) -> bool:
        """Give one read to the server; False where it does not read any more."""
        transport = self.connection.transport
        if transport.closing or transport.reading_paused:
            return False
        if read.data:
            if read.captured:
                self.reads.note(0.0, self.connection.received, len(read.data))
            self.connection.receive_data(read.data, captured=read.captured)
        self.run()
        return True

    def settled(self) -> list[Taken]:
        """The calls that are over, once; not the last, for what closes the connection belongs to that one."""
        count = 0
        while count < len(self.taken) - 1 and self.taken[count].cycle.finished:
            count += 1
        over = self.taken[:count]
        del self.taken[:count], self.connection.cycles[:count]
        return over

    def run(self) -> None:
        """Take turns until everything waits."""
        while self._turns:
            self._turns.popleft()()

    def _call(self, cycle: Called) -> None:
        apply_proxy_headers(cycle.scope, self.connection.settings)
        taken = Taken(cycle=cycle, scope=snapshot(cycle.scope), wire=Tape(self._limit), content=Tape(self._limit))
        cycle.wire, cycle.content = taken.wire.write, taken.content.write
        self.taken.append(taken)
        self._receive(taken, Budget(self._limit))

    def _receive(self, taken: Taken, budget: Budget) -> None:
        self._wait_or_take(taken, budget, taken.cycle.begin_receive())

    def _wait_or_take(self, taken: Taken, budget: Budget, waits: bool) -> None:
        cycle = taken.cycle
        while waits:
            event = cycle.message_event
            if not event.is_set():
                assert isinstance(event, Event)
                event.when_set(lambda: self._woken(taken, budget))
                return
            event.clear()
            waits = cycle.still_waits()
        self._received(taken, budget)

    def _woken(self, taken: Taken, budget: Budget) -> None:
        taken.cycle.message_event.clear()
        self._wait_or_take(taken, budget, taken.cycle.still_waits())

    def _received(self, taken: Taken, budget: Budget) -> None:
        cycle = taken.cycle
        message = cycle.end_receive()
        taken.receive.append(budget.keep(message))
        if message["type"] == "websocket.connect":
            cycle.send(ACCEPTS)
        if message.get("more_body") or message["type"] in ("websocket.connect", "websocket.receive"):
            # The next turn, not a call from here: a body of many reads must not deepen the stack.
            self._turns.appendleft(lambda: self._receive(taken, budget))
        elif "body" in message:
            self._answer(cycle)
        else:
            cycle.returned(None)

    def _answer(self, cycle: Called) -> None:
        try:
            for message in STAND_IN:
                cycle.send(message)
        except Exception:  # what h11 refuses to send after CONNECT, say: uvicorn cuts the connection
            cycle.raised()
        else:
            cycle.returned(None)


def play(
    client: ClientConnection,
    parser: str,
    settings: Settings,
    *,
    read_size: int,
    limit: int,
    script: tuple[Said, ...] = (),
) -> Played:
    """Give the client's bytes to uvicorn with `parser`, the stand-in answering, until the client leaves."""
    host, connection = _begin(client, parser, settings, limit)
    for read in reads(client, read_size, connection, script):
        if not host.take(read):
            break
    played = _leave(host)
    played.reads = host.reads
    return played


def play_in_parts(
    client: ClientConnection,
    parser: str,
    settings: Settings,
    *,
    read_size: int,
    limit: int,
    script: tuple[Said, ...] = (),
) -> Iterator[Played]:
    """The same, a part for each read; only the calls that are not over are held."""
    host, connection = _begin(client, parser, settings, limit)
    for read in reads(client, read_size, connection, script):
        if not host.take(read):
            break
        yield Played(connection=connection, taken=host.settled(), closed_by_server=False, goes_on=True)
    yield _leave(host)


def _begin(client: ClientConnection, parser: str, settings: Settings, limit: int) -> tuple[StandIn, Connection]:
    host = StandIn(limit)
    host.connection = connect(parser, settings, host, bytes(client.data[: len(PREFACE)]))
    return host, host.connection


def _leave(host: StandIn) -> Played:
    connection = host.connection
    closed = connection.transport.closing
    connection.client_closed()
    host.run()
    return Played(connection=connection, taken=host.taken, closed_by_server=closed)
