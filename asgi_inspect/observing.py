"""What a recording's steps cannot show: calls that nobody awaited, two at a time, things changed afterwards.

An observer stands between the application and its receive() and send(). It changes nothing that
passes through, and tells what it saw when the call is over.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from threading import current_thread, get_ident
from time import perf_counter
from types import FrameType
from typing import Any
from weakref import WeakSet

from .asgi import Message
from .blame import calling_line, is_ours, waiting_line
from .comparing import changed_keys, frozen, untouched
from .recording import Call, Observed, Sight, since

_MOST = 100  # sights of one kind that are kept
watching: ContextVar[Observer | None] = ContextVar("watching", default=None)
owner: ContextVar[WeakSet[asyncio.Task[Any]] | None] = ContextVar("owner", default=None)  # the tasks of a run

_OVERLAP = {Call.SEND: Sight.SENDS_OVERLAP, Call.RECEIVE: Sight.RECEIVES_OVERLAP}
_NOT_AWAITED = {Call.SEND: Sight.SEND_NOT_AWAITED, Call.RECEIVE: Sight.RECEIVE_NOT_AWAITED}


class Asked:
    """One call of receive() or send(): which line made it and when, and how far it came.

    `at` is in milliseconds since the application was called, `copy` what `message` was when it was sent.
    """

    __slots__ = ("at", "beside", "call", "copy", "message", "source", "started")

    def __init__(self, call: Call, at: float, message: Any, source: str | None) -> None:
        self.call = call
        self.at = at
        self.message = message
        self.source = source
        self.copy: Mapping[Any, Any] | None = None
        self.beside: Asked | None = None
        self.started = False

    @property
    def name(self) -> str:
        """The type of the message."""
        return str(self.message.get("type", "")) if type(self.message) is dict else ""


Receiving = Callable[[Asked], Awaitable[Message]]
Sending = Callable[[Asked], Awaitable[None] | None]


class Observer:
    """Sees one call of the application, whose clock `began` at that perf_counter()."""

    __slots__ = ("__weakref__", "_began", "_last", "_open", "_overlaps", "_tasks", "_thread", "seen")

    def __init__(self, began: float) -> None:
        self.seen: list[Observed] = []
        self._began = began
        self._open: list[Asked] = []
        self._overlaps: list[Asked] = []
        self._last: Asked | None = None
        self._thread = get_ident()
        self._tasks: WeakSet[asyncio.Task[Any]] | None = None  # most calls begin none

    def note(self, sight: Sight, detail: str = "", *, at: float | None = None, source: str | None = None) -> None:
        """Keep one sight, unless there are many like it."""
        if sum(one.sight is sight for one in self.seen) < _MOST:
            at = since(self._began) if at is None else at
            self.seen.append(Observed(sight=sight, at=at, detail=detail, source=source))

    def receiving(self, function: Receiving) -> Callable[..., Awaitable[Message]]:
        """The application's receive(), watched."""

        def receive(*args: Any, **kwargs: Any) -> Awaitable[Message]:
            one = self._begin(Call.RECEIVE, None, sys._getframe(1))
            if args or kwargs:
                return _Signature().receive(*args, **kwargs)
            return _received(self, one, function)

        return receive

    def sending(self, function: Sending) -> Callable[..., Awaitable[None]]:
        """The application's send(), watched. What `function` gives back is awaited: most often nothing."""

        def send(*args: Any, **kwargs: Any) -> Awaitable[None]:
            message = args[0] if args else kwargs.get("message")
            one = self._begin(Call.SEND, message, sys._getframe(1))
            if kwargs:
                self.note(Sight.KEYWORD_ARGUMENT, ", ".join(kwargs), at=one.at, source=one.source)
            if len(args) + len(kwargs) != 1 or (kwargs and "message" not in kwargs):
                return _Signature().send(*args, **kwargs)
            return _sent(self, one, function)

        return send

    def _start(self, one: Asked) -> None:
        """The coroutine of a call is awaited."""
        one.started = True
        one.at = (perf_counter() - self._began) * 1000
        # get_running_loop() would raise where there is none: the call itself decides what happens then.
        if get_ident() != self._thread and asyncio._get_running_loop() is not None:
            self.note(Sight.FOREIGN_LOOP, current_thread().name, at=one.at, source=one.source)

    def ended(self) -> None:
        """The application's call is over: what it left of its own calls is seen now."""
        self._look_back()
        for one in self._overlaps:
            if one.started and one.beside is not None and one.beside.started:
                self.note(_OVERLAP[one.call], one.name, at=one.at, source=one.source)
        self._overlaps.clear()

    def closed(self) -> None:
        """Nothing can be awaited any more."""
        for one in self._open:
            if not one.started:
                self.note(_NOT_AWAITED[one.call], one.name, at=one.at, source=one.source)
        self._open.clear()

    def began(self, task: asyncio.Task[Any]) -> None:
        """The call, or what it began, began a task."""
        if self._tasks is None:
            self._tasks = WeakSet()
        self._tasks.add(task)

    def tasks_left(self) -> Iterator[tuple[str, str | None]]:
        """Of the tasks that this call began those that go on: a name, and the line each waits at."""
        if self._tasks is None:
            return
        for task in list(self._tasks):
            coroutine = task.get_coro()
            code = getattr(coroutine, "cr_code", None)
            if task.done() or task.cancelling() or (code is not None and is_ours(code.co_filename)):
                continue
            name = getattr(coroutine, "__qualname__", None) or repr(coroutine)
            yield f"{task.get_name()} ({name})", waiting_line(coroutine)

    def _begin(self, call: Call, message: Any, caller: FrameType) -> Asked:
        if self._last is not None and call is Call.SEND:
            self._look_back()
        one = Asked(call, (perf_counter() - self._began) * 1000, message, calling_line(caller))
        if self._open:
            one.beside = next((other for other in self._open if other.call is call), None)
            if one.beside is not None and len(self._overlaps) < _MOST:
                self._overlaps.append(one)
        self._open.append(one)
        return one

    def _look_back(self) -> None:
        """Whether the message that was sent last is still what it was."""
        one, self._last = self._last, None
        if one is None or one.copy is None or untouched(one.message, one.copy):
            return
        changed = [str(key) for key in changed_keys(one.copy, frozen(one.message))]
        if changed:
            self.note(Sight.MESSAGE_CHANGED, ", ".join(changed), at=one.at, source=one.source)


async def _received(observer: Observer, one: Asked, function: Receiving) -> Message:
    observer._start(one)
    try:
        return await function(one)
    finally:
        observer._open.remove(one)


async def _sent(observer: Observer, one: Asked, function: Sending) -> None:
    observer._start(one)
    try:
        waits = function(one)
        if waits is not None:
            await waits
    finally:
        observer._open.remove(one)
        if isinstance(one.message, dict):
            observer._last = one
            one.copy = one.copy or frozen(one.message)


# As in "coroutine … was never awaited".
_received.__qualname__ = "RequestResponseCycle.receive"
_sent.__qualname__ = "RequestResponseCycle.send"


class _Signature:
    """What a server's receive() and send() take: other arguments are a TypeError, in Python's own words."""

    async def receive(self) -> Message:
        raise AssertionError("only called with arguments that do not fit")

    async def send(self, message: Message) -> None:
        raise AssertionError("only called with arguments that do not fit")

    receive.__qualname__, send.__qualname__ = "RequestResponseCycle.receive", "RequestResponseCycle.send"


class _TaskFactory:
    """Enters each task that begins with the call it belongs to, and in the set of its run.

    A task has the context of the one that began it, and with it both; the next request of a pipeline has
    its own call, though uvicorn begins it inside the send() that ends the one before. `runs` counts
    those under way on the loop: they share it, for they may end in any order.
    """

    def __init__(self, before: Any) -> None:
        self.before = before
        self.runs = 0

    def __call__(self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> Any:
        before = self.before
        task = before(loop, coro, **options) if before is not None else asyncio.Task(coro, loop=loop, **options)
        if isinstance(task, asyncio.Task):
            if (observer := watching.get()) is not None:
                observer.began(task)
            if (run := owner.get()) is not None:
                run.add(task)
        return task


def begun_apart(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task of its own: begun inside the send() that ended the request before, it is none of that call's."""
    factory = loop.get_task_factory()
    if isinstance(factory, _TaskFactory) and factory.before is None and owner.get() is None:
        return asyncio.Task(coroutine, loop=loop)  # nobody is to be told of it
    token = watching.set(None)
    try:
        return loop.create_task(coroutine)
    finally:
        watching.reset(token)


@contextmanager
def tasks_noted() -> Iterator[None]:
    """Each task that begins on the running loop is entered where it belongs."""
    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()
    factory = before if isinstance(before, _TaskFactory) else _TaskFactory(before)
    loop.set_task_factory(factory)
    factory.runs += 1
    try:
        yield
    finally:
        factory.runs -= 1
        if factory.runs == 0 and loop.get_task_factory() is factory:  # else the application has one of its own
            loop.set_task_factory(factory.before)
