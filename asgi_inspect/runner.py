"""Drive one application with the messages of a capture's connections, on a real event loop.

The client is played here: it sends its reads one after another, waits for its answers, gives up
when time is out, and leaves.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakSet

from .arrival import Played, Read, reads
from .asgi import Application
from .blame import error_text, raising_line
from .calls import Recorder
from .captures.capture import ClientConnection
from .http2 import PREFACE
from .idle import Idle, IdleSelector
from .lifespan import Lifespan, LifespanReport
from .observing import tasks_noted, watching
from .options import Options
from .reads import Reads
from .recording import Sight
from .servers.called import Called
from .servers.uvicorn import connect
from .servers.uvicorn_cycle import Connection
from .servers.uvicorn_scope import Settings
from .watch import never_collect

_GRACE = 0.5  # seconds that a cut application has to end


@dataclass(slots=True)
class Progress:
    """What a run has come to; written by the loop, read by the thread that watches it.

    `deadline` is the time (perf_counter) by which the loop must have come round again.
    """

    played: list[tuple[ClientConnection, Played]] = field(default_factory=list)
    current: AppHost | None = None
    lifespan: Lifespan | None = None
    left_tasks: tuple[str, ...] = ()
    deadline: float | None = None
    loop: asyncio.AbstractEventLoop | None = None
    started: Callable[[], Iterable[asyncio.Task[Any]]] = asyncio.all_tasks

    def late(self, milliseconds: float, line: str) -> None:
        """The loop was blocked: told of the call that is under way."""
        if self.current is not None and self.current.recorders and not self.current.recorders[-1].stopped:
            self.current.recorders[-1].note(Sight.LOOP_BLOCKED, f"{milliseconds:.0f}", source=line)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what the loop has to say, where it is the run's own."""
        loop = asyncio.get_running_loop()
        handler = loop.get_exception_handler()
        if self.started is asyncio.all_tasks:
            self.loop = loop
            loop.set_exception_handler(self.lost)
        try:
            yield
        finally:
            self.loop = None
            loop.set_exception_handler(handler)

    def lost(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What asyncio has to say of a task whose exception nobody took; it is told as before, too."""
        task, error = context.get("task") or context.get("future"), context.get("exception")
        host = self.current
        if error is not None and isinstance(task, asyncio.Task) and host is not None and host.recorders:
            host.recorders[-1].note(Sight.TASK_EXCEPTION, error_text(error), source=raising_line(error))
        loop.default_exception_handler(context)

    def stop(self, *, interrupted: bool) -> None:
        """Take what is recorded as it stands; a call that is under way ran out of time, or was interrupted."""
        for recorder in self.current.recorders if self.current is not None else []:
            recorder.stopped = True
            recorder.interrupted = interrupted and not recorder.finished
            recorder.timed_out |= not (interrupted or recorder.finished or recorder.cycle.response_complete)

    def ended_by(self, error: BaseException) -> None:
        """An exception went through the event loop: for a call that is under way it is as if it had raised it."""
        for recorder in self.current.recorders if self.current is not None else []:
            recorder.ended_by(error)
        if self.lifespan is not None:
            self.lifespan.ended_by(error)

    def finished_connections(self) -> Iterator[tuple[ClientConnection, Played]]:
        """Every connection that was played, the one that was cut in the middle included."""
        yield from self.played
        if self.current is not None:
            yield self.current.client, self.current.played()

    def lifespan_report(self) -> LifespanReport | None:
        """How startup and shutdown went, where the application was asked."""
        return None if self.lifespan is None else self.lifespan.report()


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
        progress: Progress,
    ) -> None:
        self.client = client
        self.connection: Connection = connect(parser, settings, self, bytes(client.data[: len(PREFACE)]))
        self.recorders: list[Recorder] = []
        self._unanswered: deque[Recorder] = deque()
        self._app = app
        self._options = options
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

    def event(self) -> asyncio.Event:
        return asyncio.Event()

    def start(self, cycle: Called) -> None:
        self._progress.deadline = time.perf_counter() + self._patience
        # Begun inside the send() that ended the request before, it is not a task of that request's call.
        token = watching.set(None)
        self._tasks[cycle] = self._loop.create_task(self._call(cycle))
        watching.reset(token)

    def soon(self, callback: Callable[[], None]) -> None:
        self._loop.call_soon(callback)

    def lose(self, error: BaseException | None) -> None:
        self._loop.call_soon(self._lost, error)

    def _lost(self, error: BaseException | None) -> None:
        self.connection.connection_lost(error)
        self._stepped()

    async def _call(self, cycle: Called) -> None:
        recorder = Recorder(cycle, self._options.body_limit, self._stepped)
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
        self._progress.deadline = time.perf_counter() + _GRACE
        self.connection.client_closed()
        self._stepped()

    def _stepped(self) -> None:
        if threading.get_ident() != self._thread:  # send() on another loop: ours has to be told in its own thread
            with suppress(RuntimeError):  # a call that never ended may be collected anywhere, its loop long closed
                self._loop.call_soon_threadsafe(self._stepped)
            return
        self._steps += 1
        self._wake()
        after = self._options.disconnect_after
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
            waits = _GRACE if any(recorder.timed_out for recorder in self.recorders) else self._options.timeout
            self._progress.deadline = time.perf_counter() + waits + _GRACE
            await asyncio.wait(self._tasks.values(), timeout=waits)
        for recorder in self.recorders:
            recorder.stopped = recorder.cut = not recorder.finished
            if recorder.stopped and recorder.cycle.response_complete:
                self._progress.left_tasks += (f"the call for request {recorder.cycle.number}, after its response",)
            recorder.timed_out |= not recorder.finished and not recorder.cycle.response_complete
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            _, unending = await asyncio.wait(self._tasks.values(), timeout=_GRACE)
            never_collect(unending)

    def played(self) -> Played:
        """What is known by now; asked for once."""
        taken = [recorder.close() for recorder in self.recorders]
        self.recorders = []  # a connection and its host know each other: see Connection.forget
        self._unanswered.clear()
        return Played(
            connection=self.connection, taken=taken, closed_by_server=self._closed_by_server, reads=self._reads
        )


async def run(
    app: Application,
    clients: tuple[ClientConnection, ...],
    parser: str,
    settings: Settings,
    options: Options,
    progress: Progress,
    selector: IdleSelector | None,
    started: Callable[[], Iterable[asyncio.Task[Any]]] = asyncio.all_tasks,
) -> None:
    """Startup, the connections one after another, shutdown. All that happens is left in `progress`.

    `started` gives the tasks of the run, those of the application among them: all of a loop of its own.
    """
    progress.started = started
    with progress.listening(), tasks_noted():
        await _run(app, clients, parser, settings, options, progress, selector)
    progress.deadline = time.perf_counter() + 2 * _GRACE
    progress.left_tasks += await _end_tasks(progress.lifespan, started)
    progress.deadline = time.perf_counter() + 2 * _GRACE


async def _run(
    app: Application,
    clients: tuple[ClientConnection, ...],
    parser: str,
    settings: Settings,
    options: Options,
    progress: Progress,
    selector: IdleSelector | None,
) -> None:
    if options.lifespan != "off":
        lifespan = progress.lifespan = Lifespan(app, options.lifespan, options.timeout, settings.asgi_version)
        progress.deadline = time.perf_counter() + options.timeout
        await lifespan.startup()
        settings = replace(settings, state=lifespan.state)
    if progress.lifespan is None or progress.lifespan.goes_on:
        for client in clients:
            host = progress.current = AppHost(client, parser, settings, app, options, selector, progress)
            await host.play()
            progress.played.append((client, host.played()))
            progress.current = None
        if progress.lifespan is not None:
            progress.deadline = time.perf_counter() + options.timeout
            await progress.lifespan.shutdown()


async def _end_tasks(lifespan: Lifespan | None, started: Callable[[], Iterable[asyncio.Task[Any]]]) -> tuple[str, ...]:
    """Cancel what the application left running; its names."""
    own = None if lifespan is None else lifespan.task
    left = [task for task in started() if not task.done() and task not in (asyncio.current_task(), own)]
    ending = [*left, own] if own is not None and not own.done() else left
    for task in ending:
        task.cancel()
    if ending:
        _, unending = await asyncio.wait(ending, timeout=_GRACE)
        never_collect(unending)
    return tuple(_task_name(task) for task in left)


_owner: ContextVar[WeakSet[asyncio.Task[Any]] | None] = ContextVar("_owner", default=None)


@contextmanager
def own_tasks() -> Iterator[Callable[[], Iterable[asyncio.Task[Any]]]]:
    """In a loop that others use too, what is started in this block and by what was started in it.

    Each task inherits the context of the one that starts it, and with it the set to be entered in.
    """
    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()

    def enter(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> Any:
        task = before(loop, coro, **options) if before is not None else asyncio.Task(coro, loop=loop, **options)
        owned = _owner.get()
        if owned is not None and isinstance(task, asyncio.Task):
            owned.add(task)
        return task

    started: WeakSet[asyncio.Task[Any]] = WeakSet()
    token = _owner.set(started)
    loop.set_task_factory(enter)
    try:
        yield lambda: list(started)
    finally:
        _owner.reset(token)
        if loop.get_task_factory() is enter:  # else another run began meanwhile: it still needs this one
            loop.set_task_factory(before)


def _task_name(task: asyncio.Task[object]) -> str:
    coroutine = task.get_coro()
    if getattr(coroutine, "cr_code", None) is AppHost._call.__code__:
        return "the call of the application, which does not end when it is cancelled"
    where = getattr(coroutine, "__qualname__", None) or type(coroutine).__name__
    return f"{task.get_name()} ({where})"
