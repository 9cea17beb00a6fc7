"""Run the application in a thread with an event loop of its own, and never wait for it in vain.

A blocked loop cannot be cut from inside. The caller's thread watches from outside: when the loop
has not come round by the deadline that it set itself, the thread is left to itself, the line it is
stuck at is noted, and what was recorded by then is told.
"""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .blame import stuck_line
from .idle import IdleSelector
from .pulse import Pulse

_MARGIN = 0.5  # seconds a loop may be late before it counts as blocked
_LOOK = 0.05
_SETTLES = 0.1  # seconds that a thread has to come to its end
# The functions in which the threads of asyncio.to_thread and of anyio wait for work.
_POOLS = ("thread.py:_worker", "_asyncio.py:run")


class Watched(Protocol):
    """What is watched: the time (perf_counter) by which the loop must have come round, if any."""

    deadline: float | None
    loop: asyncio.AbstractEventLoop | None

    def late(self, milliseconds: float, line: str) -> None:
        """The loop did not come round for so long, and was seen at that line."""

    def stop(self, *, interrupted: bool) -> None:
        """Close the records: what the thread still does is not part of the run."""


class Cut(BaseException):
    """Thrown into a thread that was given up, so that it does not spin for ever."""


@dataclass(slots=True)
class Ended:
    """How the thread ended. `blocked_at` is the line it was stuck at ("" where unknown)."""

    blocked: bool = False
    blocked_at: str = ""
    interrupted: bool = False
    error: BaseException | None = None
    left_threads: tuple[str, ...] = ()


class _Inherited(int):
    """The `daemon` of a thread that did not choose it."""


class _MainThread(threading.Thread):
    """Stands in for the server's main thread. A daemon, for it may have to be left behind, and the threads
    it starts are daemons with it; but those would not be on a server, and can be told by this."""

    @property
    def daemon(self) -> bool:  # type: ignore[override]  # nobody sets it
        return _Inherited(True)  # type: ignore[return-value]  # bool itself cannot be subclassed


def run_watched(
    start: Callable[[IdleSelector | None], Coroutine[Any, Any, None]],
    prepare: Callable[[], str],
    watched: Watched,
) -> Ended:
    """Run `prepare`, which picks the loop, and then `start(selector)` on it, in a new thread.

    The module of the application is imported there too: what belongs to a thread (a SQLite
    connection, say) then belongs to the thread that the requests run in.
    """
    ended, done = Ended(), threading.Event()
    before = set(threading.enumerate())
    context = contextvars.copy_context()

    def work() -> None:
        try:
            context.run(_run_loop, prepare, start)
        except BaseException as error:
            ended.error = error
        finally:
            done.set()

    thread = _MainThread(target=work, name="application")
    thread.start()
    pulse = Pulse(watched.late)
    try:
        while not done.wait(_LOOK if watched.deadline is not None else 0.2):
            deadline = watched.deadline
            pulse.look(watched.loop, thread.ident)
            if deadline is not None and time.perf_counter() > deadline + _MARGIN:
                ended.blocked = True
                ended.blocked_at = stuck_line(thread.ident) or ""
                watched.stop(interrupted=False)
                _throw(thread)
                break
    except KeyboardInterrupt:
        ended.interrupted = True
        watched.stop(interrupted=True)
        _throw(thread)
    done.wait(_LOOK)
    ended.left_threads = tuple(_still_at_work(before | {thread}))
    return ended


def _still_at_work(known: set[threading.Thread]) -> list[str]:
    """The names of threads that work on; one that has only just given back its result is let finish."""
    limit = time.perf_counter() + _SETTLES
    while True:
        left = [thread.name for thread in threading.enumerate() if thread not in known and _at_work(thread)]
        if not left or time.perf_counter() > limit:
            return left
        time.sleep(0.005)


def _at_work(thread: threading.Thread) -> bool:
    """Whether a thread would hold the interpreter's exit back.

    A pool joins its threads at exit, daemons too; one that waits for work is woken then and ends.
    """
    functions: list[str] = []  # innermost first
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        functions.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_code.co_name}")
        frame = frame.f_back
    pool = next((place for place in functions if place in _POOLS), None)
    if pool is None:
        return not thread.daemon or isinstance(thread.daemon, _Inherited)
    return any(not place.startswith(("queue.py:", "threading.py:")) for place in functions[: functions.index(pool)])


def _throw(thread: threading.Thread) -> None:
    """Best effort: C code that blocks is not reached until it returns."""
    if thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Cut))


def never_collect(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Keep what cannot be ended for as long as the process lives, its last moments included.

    Collecting a coroutine closes it, in whatever thread that happens. One that swallows what it is
    closed with goes on running there, for ever: without a loop nothing it awaits can wait.
    """
    for task in tasks:
        if not task.done():
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(task))


async def _cancel_all() -> None:
    """A loop that was ended from inside leaves tasks; each gets the chance to clean up while the loop is there."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_MARGIN)
    never_collect(tasks)


async def _close_generators(loop: asyncio.AbstractEventLoop) -> None:
    await asyncio.wait([loop.create_task(loop.shutdown_asyncgens())], timeout=_MARGIN)


def _run_loop(prepare: Callable[[], str], start: Callable[[IdleSelector | None], Coroutine[Any, Any, None]]) -> None:
    kind = prepare()
    selector: IdleSelector | None = None
    if kind == "uvloop":
        import uvloop

        loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    else:
        selector = IdleSelector()
        loop = asyncio.SelectorEventLoop(selector)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(start(selector))
        loop.run_until_complete(_close_generators(loop))
    except BaseException:
        with suppress(BaseException):  # the error itself is what is told
            loop.run_until_complete(_cancel_all())
        raise
    finally:
        # Tasks that would not end, and threads that still work, are left behind without a word of asyncio's.
        loop.set_exception_handler(lambda loop, context: None)
        executor = getattr(loop, "_default_executor", None)
        if executor is not None:
            executor.shutdown(wait=False)
        asyncio.set_event_loop(None)
        if not loop.is_running():
            loop.close()
