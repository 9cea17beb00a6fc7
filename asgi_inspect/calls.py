"""One call of the application: its receive() and send(), everything that passes through them recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping
from time import perf_counter
from typing import Any

from .arrival import Taken, snapshot
from .asgi import Application, Message
from .blame import error_text, raising_line, returned_text, traceback_text, waiting_line
from .comparing import ScopeBefore
from .copying import copy_message
from .observing import Asked, Observer, watching
from .recording import AS_SHOWN, Budget, Call, Folded, Outcome, Sight, Step, Tape, since
from .servers.called import Called, Event
from .servers.transport import nowhere
from .servers.uvicorn_scope import apply_proxy_headers

# An application that sends without ever waiting would keep the loop for itself: nothing could cut
# it. On a server the socket's buffer makes it wait; here it gives way after so many bytes or sends.
_BYTES_WITHOUT_WAITING = 64 * 1024
_SENDS_WITHOUT_WAITING = 100
_MOST_SENT = 10_000  # messages that are kept


class _Never:
    """What a call that was cut waits for. Without a loop it still gives way, once: an application that
    catches whatever is raised would else go round for ever while Python closes its coroutine."""

    def __await__(self) -> Generator[Any, None, None]:
        try:
            waits = asyncio.get_running_loop().create_future()
        except RuntimeError:
            yield
            raise
        yield from waits


class Recorder:
    """Stands between one cycle and the application. `changed` is called after each step.

    `stopped` makes every further send() wait for ever: the run is over and the loop is wanted back.
    """

    __slots__ = (
        "_began",
        "_budget",
        "_called",
        "_changed",
        "_loop",
        "_observer",
        "_pending",
        "_unyielded",
        "_written",
        "cut",
        "cycle",
        "finished",
        "interrupted",
        "sent",
        "stopped",
        "taken",
        "timed_out",
    )

    def __init__(self, cycle: Called, limit: int, changed: Callable[[], None], loop: asyncio.AbstractEventLoop) -> None:
        self.cycle = cycle
        apply_proxy_headers(cycle.scope, cycle.connection.settings)
        self.taken = Taken(cycle=cycle, scope=snapshot(cycle.scope), wire=Tape(limit), content=Tape(limit))
        self.finished = False
        self.timed_out = False
        self.stopped = False
        self.interrupted = False
        self.sent = 0
        self._changed = changed
        self._budget = Budget(limit)
        self._loop = loop
        self._began, self._called = perf_counter(), loop.time()
        self.taken.began = self._began
        self._written = b""
        self._unyielded = 0
        self._pending: list[Asked] = []
        self._observer = Observer(self._began)
        self.cut = False
        cycle.wire, cycle.content = self._wire, self.taken.content.write

    async def run(self, app: Application) -> None:
        """Call the application once, and let the server do what it does with how that ends."""
        observer, before = self._observer, ScopeBefore(self.cycle.scope, self.taken.scope)
        watching.set(observer)
        receive, send = observer.receiving(self.receive), observer.sending(self.send)
        try:
            result = await app(self.cycle.scope, receive, send)  # type: ignore[func-returns-value]
        except BaseException as error:
            self._look_around(before)
            if self.cut and not isinstance(error, asyncio.CancelledError):
                observer.note(Sight.CANCEL_SWALLOWED)
            if not self.stopped:
                self._raised(error)
                self._settle(self.cycle.raised)
        else:
            self._look_around(before)
            if self.cut:
                observer.note(Sight.CANCEL_SWALLOWED)
            self._step(Call.RETURN, since(self._began), error=returned_text(result))
            self._settle(self.cycle.returned, result)
            # Told now: a connection that is closed because of this will count as a disconnect soon.
            self.taken.outcome = self._outcome()
        finally:
            self.finished = True
            self._changed()

    async def receive(self, one: Asked) -> Message:
        """The application's receive()."""
        if self.stopped:
            await _Never()
        try:
            waits = self.cycle.begin_receive()
            while waits:
                event = self.cycle.message_event
                if not event.is_set():
                    await self._wait(event, one)
                event.clear()
                waits = self.cycle.still_waits()
        except BaseException as error:
            self._step(Call.RECEIVE, one.at, line=one.source, error=error_text(error))
            raise
        message = self.cycle.end_receive()
        kept = self._budget.keep(message)
        self.taken.receive.append(kept)
        self._step(Call.RECEIVE, one.at, kept, one.source)
        return message

    async def _wait(self, event: Event, one: Asked) -> None:
        """Wait for `event`; meanwhile it is known that the application does."""
        self._pending.append(one)
        self._changed()
        try:
            await event.wait()  # type: ignore[attr-defined]  # a LoopEvent, or another that can be awaited
        except BaseException:
            self.cycle.stop_waiting(event)
            raise
        finally:
            self._pending.remove(one)

    def send(self, one: Asked) -> Awaitable[None] | None:
        """The application's send(); raises what uvicorn raises. Gives back what must be waited for, if anything."""
        if self.stopped:
            return _Never()
        kept, types, passed_on = copy_message(one.message, self._budget)
        if types is AS_SHOWN and self._budget.left >= 0:  # as it is, and nothing of it folded
            one.copy = kept
        self.sent += 1
        if self.sent <= _MOST_SENT:
            self.taken.send.append(kept)
        try:
            self.cycle.send(passed_on)
        except Exception as error:
            self._step(Call.SEND, one.at, kept, one.source, error_text(error), types)
            raise
        self._step(Call.SEND, one.at, kept, one.source, None, types)
        if self._unyielded >= _BYTES_WITHOUT_WAITING or self.sent % _SENDS_WITHOUT_WAITING == 0:
            self._unyielded = 0
            return asyncio.sleep(0)
        return None

    def ended_by(self, error: BaseException) -> None:
        """What ended the whole server ended this call."""
        if not self.finished:
            self.stopped = True
            self._raised(error)

    @property
    def waits(self) -> bool:
        """Whether the application waits for a message."""
        return bool(self._pending)

    def close(self) -> Taken:
        """The record of the call; a receive() that is still waiting is in it, without an answer."""
        for one in self._pending:
            self.taken.steps.append(Step(call=Call.RECEIVE, at=one.at, done=None, source=one.source))
        self._pending.clear()
        self._observer.closed()
        self.cycle.wire = self.cycle.content = nowhere
        if self.cut and not self.finished:
            self._observer.note(Sight.CANCEL_SWALLOWED)
        self.taken.observed = tuple(self._observer.seen)
        if self.taken.outcome is Outcome.NOT_RUN:
            self.taken.outcome = self._outcome()
        return self.taken

    def _outcome(self) -> Outcome:
        if self.timed_out:
            return Outcome.TIMED_OUT
        outcome = self.cycle.outcome()
        return Outcome.DISCONNECTED if self.interrupted and outcome is not Outcome.COMPLETED else outcome

    def _raised(self, error: BaseException) -> None:
        told = error_text(error)
        if not self.cycle.forgives(error):
            self.taken.error = told
            self.taken.traceback = traceback_text(error)
            self.taken.outcome = Outcome.TIMED_OUT if self.timed_out else Outcome.RAISED
        self._step(Call.RAISE, since(self._began), line=raising_line(error), error=told)

    def _settle(self, ending: Callable[..., None], *result: object) -> None:
        """What the server writes because the application is done belongs to the last step too."""
        try:
            ending(*result)
        except Exception as error:  # h11 refuses the 500 itself, say: the client gets nothing
            self.taken.error = self.taken.error or error_text(error)
        if self._written:
            self._step(Call.SERVER, since(self._began))

    def _look_around(self, before: ScopeBefore) -> None:
        """What the application left behind: a changed scope, tasks of its own. Not where the run is over."""
        if self.stopped:
            return
        self._observer.ended()
        for sight, key in before.changes():
            self._observer.note(sight, key)
        for name, line in self._observer.tasks_left():
            self._observer.note(Sight.TASK_LEFT, name, source=line)

    def note(self, sight: Sight, detail: str = "", *, source: str | None = None) -> None:
        """Something that the runner saw while this call was under way."""
        self._observer.note(sight, detail, source=source)

    def give_up(self, task: asyncio.Task[None] | None) -> None:
        """Time is out for this response: the line where the application's `task` waits is kept."""
        self.timed_out = True
        self.note(Sight.WAITED_AT, source=None if task is None else waiting_line(task.get_coro()))

    def _step(
        self,
        call: Call,
        asked: float,
        message: Message | None = None,
        line: str | None = None,
        error: str | None = None,
        types: Mapping[str, str] = AS_SHOWN,
    ) -> None:
        wire: bytes | Folded = b""
        if self._written:
            wire, self._written = self._budget.keep_bytes(self._written), b""
        done = (perf_counter() - self._began) * 1000
        # A NamedTuple's own constructor takes twice as long, and there are four steps to a request.
        self.taken.steps.append(tuple.__new__(Step, (call, asked, done, message, wire, error, line, types)))
        self._changed()

    def _wire(self, data: bytes) -> None:
        self._written += data
        self._unyielded += len(data)
        self.taken.wire.write(data)

    def age(self) -> float:
        """Seconds since the application was called, by the loop's clock, which also runs the timers.

        With any other a loop whose time is not the machine's would set the same timer again and again.
        """
        return self._loop.time() - self._called
