"""Drive one application with a capture's connections on a real event loop: startup, calls, shutdown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakSet

from .app_host import GRACE, AppHost
from .arrival import Played
from .asgi import Application
from .blame import error_text, raising_line
from .captures.capture import ClientConnection
from .idle import IdleSelector
from .lifespan import Lifespan, LifespanReport
from .observing import owner, tasks_noted
from .options import Options
from .recording import Sight
from .servers.uvicorn_scope import Settings
from .watch import never_collect


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
    progress.deadline = time.perf_counter() + 2 * GRACE
    progress.left_tasks += await _end_tasks(progress.lifespan, started)
    progress.deadline = time.perf_counter() + 2 * GRACE


async def _end_tasks(lifespan: Lifespan | None, started: Callable[[], Iterable[asyncio.Task[Any]]]) -> tuple[str, ...]:
    """Cancel what the application left running; its names."""
    own = None if lifespan is None else lifespan.task
    left = [task for task in started() if not task.done() and task not in (asyncio.current_task(), own)]
    ending = [*left, own] if own is not None and not own.done() else left
    for task in ending:
        task.cancel()
    if ending:
        _, unending = await asyncio.wait(ending, timeout=GRACE)
        never_collect(unending)
    return tuple(_task_name(task) for task in left)


@contextmanager
def own_tasks() -> Iterator[Callable[[], Iterable[asyncio.Task[Any]]]]:
    """In a loop that others use too, what `run` starts in this block, and what was started by that."""
    started: WeakSet[asyncio.Task[Any]] = WeakSet()
    token = owner.set(started)
    try:
        yield lambda: list(started)
    finally:
        owner.reset(token)


def _task_name(task: asyncio.Task[object]) -> str:
    coroutine = task.get_coro()
    if getattr(coroutine, "cr_code", None) is AppHost._call.__code__:
        return "the call of the application, which does not end when it is cancelled"
    where = getattr(coroutine, "__qualname__", None) or type(coroutine).__name__
    return f"{task.get_name()} ({where})"
