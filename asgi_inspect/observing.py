"""What a recording's steps cannot show: calls that nobody awaited, two at a time, things changed afterwards.

An observer stands between the application and its receive() and send(). It changes nothing that
passes through, and tells what it saw when the call is over.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

from .asgi import Message, Scope
from .blame import calling_line, is_ours, waiting_line
from .recording import Call, Observed, Sight, since

_MOST = 100  # sights of one kind that are kept
_SMALL = 65536
_CONTAINERS = ("headers", "state", "subprotocols")
_DEEPEST = 10  # what an application puts into an extension may hold itself
watching: ContextVar[Observer | None] = ContextVar("watching", default=None)

Receiving = Callable[[float, str | None], Awaitable[Message]]
Sending = Callable[[float, str | None, Any], Awaitable[None] | None]

_OVERLAP = {Call.SEND: Sight.SENDS_OVERLAP, Call.RECEIVE: Sight.RECEIVES_OVERLAP}
_NOT_AWAITED = {Call.SEND: Sight.SEND_NOT_AWAITED, Call.RECEIVE: Sight.RECEIVE_NOT_AWAITED}


class _Called:
    """One call of receive() or send(): who made it and when, and how far it came."""

    __slots__ = ("at", "beside", "call", "message", "source", "started")

    def __init__(self, call: Call, at: float, message: Any, source: str | None) -> None:
        self.call = call
        self.at = at
        self.message = message.get("type", "") if type(message) is dict else ""
        self.source = source
        self.beside: _Called | None = None
        self.started = False

    @property
    def name(self) -> str:
        """The type of the message."""
        return str(self.message)


class Observer:
    """Sees one call of the application, whose clock `began` at that perf_counter()."""

    def __init__(self, began: float) -> None:
        self.seen: list[Observed] = []
        self._began = began
        self._open: list[_Called] = []
        self._overlaps: list[_Called] = []
        self._last: tuple[Any, dict[Any, Any], float, str | None] | None = None
        self._loop = asyncio.get_running_loop()
        self._tasks: WeakSet[asyncio.Task[Any]] | None = None  # most calls begin none

    def note(self, sight: Sight, detail: str = "", *, at: float | None = None, source: str | None = None) -> None:
        """Keep one sight, unless there are many like it."""
        if sum(one.sight is sight for one in self.seen) < _MOST:
            at = since(self._began) if at is None else at
            self.seen.append(Observed(sight=sight, at=at, detail=detail, source=source))

    def receiving(self, function: Receiving) -> Callable[..., Awaitable[Message]]:
        """The application's receive(), watched. `function` is told when it was asked, and by which line."""

        def receive(*args: Any, **kwargs: Any) -> Awaitable[Message]:
            one = self._begin(Call.RECEIVE, None)
            if args or kwargs:
                return _Signature().receive(*args, **kwargs)
            return _received(self, one, function)

        return receive

    def sending(self, function: Sending) -> Callable[..., Awaitable[None]]:
        """The application's send(), watched. What `function` gives back is awaited: most often nothing."""

        def send(*args: Any, **kwargs: Any) -> Awaitable[None]:
            message = args[0] if args else kwargs.get("message")
            one = self._begin(Call.SEND, message)
            if kwargs:
                self.note(Sight.KEYWORD_ARGUMENT, ", ".join(kwargs), at=one.at, source=one.source)
            if len(args) + len(kwargs) != 1 or (kwargs and "message" not in kwargs):
                return _Signature().send(*args, **kwargs)
            return _sent(self, one, function, message)

        return send

    def _start(self, one: _Called) -> None:
        """The coroutine of a call is awaited."""
        one.started = True
        one.at = since(self._began)
        # get_running_loop() would raise where there is none: the call itself decides what happens then.
        if (loop := asyncio._get_running_loop()) is not self._loop and loop is not None:
            self.note(Sight.FOREIGN_LOOP, _thread_name(), at=one.at, source=one.source)

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
        for task in list(self._tasks or ()):
            coroutine = task.get_coro()
            code = getattr(coroutine, "cr_code", None)
            if task.done() or task.cancelling() or (code is not None and is_ours(code.co_filename)):
                continue
            name = getattr(coroutine, "__qualname__", None) or repr(coroutine)
            yield f"{task.get_name()} ({name})", waiting_line(coroutine)

    def _begin(self, call: Call, message: Any) -> _Called:
        if self._last is not None and call is Call.SEND:
            self._look_back()
        one = _Called(call, since(self._began), message, calling_line(sys._getframe(2)))
        if self._open:
            one.beside = next((other for other in self._open if other.call is call), None)
            if one.beside is not None and len(self._overlaps) < _MOST:
                self._overlaps.append(one)
        self._open.append(one)
        return one

    def _look_back(self) -> None:
        """Whether the message that was sent last is still what it was."""
        if self._last is None:
            return
        message, before, at, source = self._last
        self._last = None
        if _untouched(message, before):
            return
        changed = [str(key) for key in {**before, **message} if not _same(before, _frozen(message), key)]
        if changed:
            self.note(Sight.MESSAGE_CHANGED, ", ".join(changed), at=at, source=source)


async def _received(observer: Observer, one: _Called, function: Receiving) -> Message:
    observer._start(one)
    try:
        return await function(one.at, one.source)
    finally:
        observer._open.remove(one)


async def _sent(observer: Observer, one: _Called, function: Sending, message: Any) -> None:
    observer._start(one)
    try:
        waits = function(one.at, one.source, message)
        if waits is not None:
            await waits
    finally:
        observer._open.remove(one)
        if isinstance(message, dict):
            observer._last = (message, _frozen(message), one.at, one.source)


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


@contextmanager
def tasks_noted() -> Iterator[None]:
    """Each task that begins is entered with the call it belongs to.

    A task has the context of the one that began it, and with it the call's observer; the next request
    of a pipeline has its own, though uvicorn begins it inside the send() that ends the one before.
    """
    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()

    def enter(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> Any:
        task = before(loop, coro, **options) if before is not None else asyncio.Task(coro, loop=loop, **options)
        observer = watching.get()
        if observer is not None and isinstance(task, asyncio.Task):
            observer.began(task)
        return task

    loop.set_task_factory(enter)
    try:
        yield
    finally:
        if loop.get_task_factory() is enter:  # else the application has one of its own
            loop.set_task_factory(before)


def _untouched(message: Any, before: Mapping[Any, Any]) -> bool:
    """The short way, for by far the most messages."""
    try:
        return type(message) is dict and bool(message == before)
    except Exception:  # an __eq__ of its own
        return False


def _same(before: dict[Any, Any], after: dict[Any, Any], key: Any) -> bool:
    if (key in before) is not (key in after):
        return False
    old, new = before.get(key), after.get(key)
    return old is new or (type(old) is type(new) and _equal(old, new))


def _equal(old: Any, new: Any) -> bool:
    """Whether two values of the application's are the same, as far as they can be compared."""
    try:
        return bool(old == new)
    except Exception:  # an __eq__ of its own, or a value that holds itself
        return True


def _frozen(message: dict[Any, Any]) -> dict[Any, Any]:
    """Enough of a message to see later that it was changed."""
    frozen = dict(message)
    for key, value in frozen.items():
        if type(value) is list:
            frozen[key] = [list(item) if type(item) is list else item for item in value]
        elif isinstance(value, bytearray) and len(value) <= _SMALL:
            frozen[key] = bytes(value)
    return frozen


def _thread_name() -> str:
    import threading

    return threading.current_thread().name


class ScopeBefore:
    """A scope as the application was called with it, deep enough to see what was changed in it.

    `before` is a copy of `scope`, its containers copied too, taken before the call.
    """

    __slots__ = ("_before", "_containers", "_nested", "_scope", "_state")

    def __init__(self, scope: Scope, before: Scope) -> None:
        self._scope = scope
        self._before = before
        self._containers = {key: scope[key] for key in _CONTAINERS if key in scope}
        # What is deeper than a copy goes.
        self._nested = _deep(scope["extensions"]) if "extensions" in scope else None
        state = scope.get("state")
        self._state = {key: (value, _container(value)) for key, value in state.items()} if state else {}

    def changes(self) -> Iterator[tuple[Sight, str]]:
        """What is different now. A key that the application added is its own business."""
        scope = self._scope
        if not self._state and self._nested is None and _untouched(scope, self._before):
            return
        for key, value in self._before.items():
            if key not in scope:
                yield Sight.SCOPE_REMOVED, key
            elif key == "headers":
                yield from self._headers(self._containers[key])
            elif key in ("asgi", "extensions"):
                if not _equal(_deep(scope[key]), value if key == "asgi" else self._nested):
                    yield Sight.SCOPE_SHARED_CHANGED, key
            elif (now := scope[key]) is not (was := self._containers.get(key, value)) and not _equal(now, was):
                yield Sight.SCOPE_CHANGED if type(now) is type(was) else Sight.SCOPE_REMOVED, key
        if self._nested is None and "extensions" in scope:
            yield Sight.SCOPE_SHARED_CHANGED, "extensions"
        for key, (value, copied) in self._state.items():
            if copied is not None and not _equal(value, copied):
                yield Sight.STATE_CHANGED, key

    def _headers(self, value: Any) -> Iterator[tuple[Sight, str]]:
        now = self._scope["headers"]
        if now is not value and not isinstance(now, list | tuple):
            yield Sight.SCOPE_REMOVED, "headers"
        elif list(value) != self._before["headers"]:
            yield Sight.SCOPE_HEADERS_CHANGED, "headers"
        elif now is not value and list(now) != self._before["headers"]:
            yield Sight.SCOPE_CHANGED, "headers"


def _deep(value: Any, depth: int = 0) -> Any:
    if not isinstance(value, dict) or depth > _DEEPEST:
        return value
    return {key: _deep(item, depth + 1) for key, item in value.items()}


def _container(value: Any) -> Any:
    """A copy of what can be changed in place and compared; None for everything else."""
    return value.copy() if type(value) in (dict, list, set, bytearray) else None
