"""One connection on a real event loop, and the client at its other end.

The client sends its reads one after another, waits for its answers, gives up when time is out, and leaves.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from .arrival import Played, Read, reads
from .asgi import Application
from .calls import Recorder
from .captures.capture import ClientConnection
from .events import PREFACE
from .idle import Idle, IdleSelector
from .observing import begun_apart
from .options import Options
from .reads import Reads
from .servers.called import Called
from .servers.uvicorn import connect
from .servers.uvicorn_cycle import Connection
from .servers.uvicorn_scope import Settings
from .waking import LoopEvent
from .watch import never_collect

GRACE = 0.5  # seconds that a cut application has to end


class Course(Protocol):
    """What is told of the run while it goes on: by when the loop must come round, and the calls that would not end."""

    deadline: float | None
    left_tasks: tuple[str, ...]


class AppHost:
    """The event loop as one connection uses it, and the client at the other end."""

    def __init__(
        self,
        client: ClientConnection,
        parser: str,
        settings: Settings,
        app: Application,
        options: Options,
        selector: IdleSelector | None,
        progress: Course,
    ) -> None:
        self.client = client
        self.connection: Connection = connect(parser, settings, self, bytes(client.data[: len(PREFACE)]))
        self.recorders: list[Recorder] = []
        self._unanswered: deque[Recorder] = deque()
        self._app = app
        self._options = options
        self._disconnect_after = options.disconnect_after
        self._script = options.script()
        self._patience = options.timeout + sum(said.wait for said in self._script)
        self._progress = progress
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._tasks: dict[Called, asyncio.Task[None]] = {}
        self._steps = 0
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._awaited: Callable[[], bool] | None = None
        self._idle = Idle(selector, lambda: self._steps)
        self._closed_by_server = False
        self._reads = Reads()

    # What the connection asks for

    def event(self) -> LoopEvent:
        return LoopEvent()

    def start(self, cycle: Called) -> None:
        self._progress.deadline = time.perf_counter() + self._patience
        self._tasks[cycle] = begun_apart(self._loop, self._call(cycle))

    def soon(self, callback: Callable[[], None]) -> None:
        self._loop.call_soon(callback)

    def lose(self, error: BaseException | None) -> None:
        self._loop.call_soon(self._lost, error)

    def _lost(self, error: BaseException | None) -> None:
        self.connection.connection_lost(error)
        self._stepped()

    async def _call(self, cycle: Called) -> None:
        recorder = Recorder(cycle, self._options.body_limit, self._stepped, self._loop)
        self.recorders.append(recorder)
        self._unanswered.append(recorder)
        self._wake()
        if self._timer is None:
            self._timer = self._loop.call_later(self._patience, self._look)
        await recorder.run(self._app)
        del self._tasks[cycle]

    def _look(self) -> None:
        """The client has waited long enough for its oldest unanswered request, and leaves; or it looks again.

        One timer for all: a hundred thousand requests would make as many, each set and taken back.
        """
        self._timer = None
        if self._answered() or not self._unanswered:
            return
        waited = self._unanswered[0].age()
        if waited < self._patience:
            self._timer = self._loop.call_later(self._patience - waited, self._look)
            return
        for recorder in self._unanswered:
            if not recorder.finished and not recorder.cycle.response_complete:
                recorder.give_up(self._tasks.get(recorder.cycle))
        self._progress.deadline = time.perf_counter() + GRACE
        self.connection.client_closed()
        self._stepped()

    def _stepped(self) -> None:
        if threading.get_ident() != self._thread:  # send() on another loop: ours has to be told in its own thread
            with suppress(RuntimeError):  # a call that never ended may be collected anywhere, its loop long closed
                self._loop.call_soon_threadsafe(self._stepped)
            return
        self._steps += 1
        if self._awaited is not None:
            self._wake()
        after = self._disconnect_after
        if after is not None and self.recorders and self.recorders[-1].sent >= after:
            self._loop.call_soon(self.connection.client_closed)

    # The client

    async def play(self) -> None:
        """Send everything, wait for the answers, leave; then wait for what the application still does."""
        transport = self.connection.transport
        for read in reads(self.client, self._options.read_size, self.connection, self._script):
            await self._turn_of(read)
            if transport.closing:
                break
            if read.data:
                if read.captured:
                    self._reads.note(time.perf_counter(), self.connection.received, len(read.data))
                self.connection.receive_data(read.data, captured=read.captured)
                await self._idle()
        self.connection.all_sent()
        await self._until(
            lambda: transport.closing or self._answered() or self._cut_short() or self._waits_for_client()
        )
        await self._idle()  # the application may have more to say: a value returned makes uvicorn close, say
        self._closed_by_server = transport.closing and not any(recorder.timed_out for recorder in self.recorders)
        self.connection.client_closed()
        await self._finish()

    async def _turn_of(self, read: Read) -> None:
        """Wait until the server reads, and the client has a reason to say the next thing."""
        transport = self.connection.transport
        if read.wait:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._until(lambda: transport.closing), read.wait)
        if read.patient:
            await self._until(lambda: transport.closing or self._answered() or self._waits_for_client())
        await self._until(self._server_reads)

    def _server_reads(self) -> bool:
        """Whether bytes would be read now (or never): a WebSocket's client waits for its 101 before it sends frames."""
        transport, websocket = self.connection.transport, self.connection.websocket
        ready = websocket is None or websocket.takes_frames
        return transport.closing or (ready and not transport.reading_paused)

    def _waits_for_client(self) -> bool:
        """A WebSocket's application has nothing to do but wait for the client, which has its answer by now."""
        websocket = self.connection.websocket
        return (
            websocket is not None
            and websocket.takes_frames
            and all(recorder.waits or recorder.finished for recorder in self.recorders)
        )

    def _answered(self) -> bool:
        """Every request is answered, and none is waiting for its turn."""
        # Asked after each step: those already answered are not looked at again.
        while self._unanswered and (self._unanswered[0].cycle.response_complete or self._unanswered[0].finished):
            self._unanswered.popleft()
        return not self._unanswered and len(self.recorders) == len(self.connection.cycles)

    def _cut_short(self) -> bool:
        """The capture ends inside a request, and all before it are answered: the client left in the middle."""
        unended = self.connection.unended()
        if not unended or self.connection.transport.reading_paused:
            return False
        begun = len(self.recorders) == len(self.connection.cycles)
        return self._answered() or (begun and all(recorder.cycle in unended for recorder in self._unanswered))

    async def _until(self, condition: Callable[[], bool]) -> None:
        self._awaited = condition
        while not condition():
            self._changed.clear()
            await self._changed.wait()
        self._awaited = None

    def _wake(self) -> None:
        """Let the client go on where what it waits for has come; a turn of the loop for each step is too many."""
        if self._awaited is not None and self._awaited():
            self._changed.set()

    async def _finish(self) -> None:
        """Let tasks end by themselves for as long as the client would have waited; then cut them."""
        await self._idle()
        if self._timer is not None:
            self._timer.cancel()
        if self._tasks:
            waits = GRACE if any(recorder.timed_out for recorder in self.recorders) else self._options.timeout
            self._progress.deadline = time.perf_counter() + waits + GRACE
            await asyncio.wait(self._tasks.values(), timeout=waits)
        for recorder in self.recorders:
            recorder.stopped = recorder.cut = not recorder.finished
            if recorder.stopped and recorder.cycle.response_complete:
                self._progress.left_tasks += (f"the call for request {recorder.cycle.number}, after its response",)
            recorder.timed_out |= not recorder.finished and not recorder.cycle.response_complete
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            _, unending = await asyncio.wait(self._tasks.values(), timeout=GRACE)
            never_collect(unending)

    def played(self) -> Played:
        """What is known by now; asked for once."""
        taken = [recorder.close() for recorder in self.recorders]
        self.recorders = []  # a connection and its host know each other: see Connection.forget
        self._unanswered.clear()
        return Played(
            connection=self.connection, taken=taken, closed_by_server=self._closed_by_server, reads=self._reads
        )
