"""Startup before the requests, shutdown behind them, as uvicorn 0.54 does both (lifespan/on.py).

In its default mode uvicorn takes any exception for "the application does not support lifespan". One
that comes after the application took `lifespan.startup` is a crash, and is told as one here.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .asgi import Application, Message
from .blame import error_text, raising_line, returned_text, traceback_text
from .copying import copy_message
from .observing import Asked, Observer
from .recording import Budget, Call, Observed, Sight, Step, Steps, since

_TRANSITION = "Got invalid state transition on lifespan protocol."


class Status(StrEnum):
    """How startup or shutdown went."""

    COMPLETE = "complete"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    SKIPPED = "skipped"

    @property
    def bad(self) -> bool:
        """Whether the command exits with 6 for it."""
        return self in (Status.FAILED, Status.CRASHED, Status.TIMED_OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """Startup or shutdown: how it went, how long it took in milliseconds, what the application said."""

    status: Status
    milliseconds: float = 0.0
    message: str = ""
    traceback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LifespanReport:
    """Both phases, the namespace that startup filled, and the steps of the application's one call."""

    mode: str
    startup: Phase
    shutdown: Phase
    state: dict[str, Any]
    steps: tuple[Step, ...] = ()
    observed: tuple[Observed, ...] = ()


class Lifespan:
    """One application's lifespan: `startup`, then the requests, then `shutdown`.

    `state` is the namespace that requests get copies of. `goes_on` tells whether uvicorn would
    serve after this startup.
    """

    def __init__(self, app: Application, mode: str, timeout: float, asgi_version: str) -> None:
        self._app = app
        self._mode = mode
        self._timeout = timeout
        self._asgi_version = asgi_version
        self._started = asyncio.Event()
        self._stopped = asyncio.Event()
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._taken: list[str] = []
        self._failed = ""
        self._said = ""
        self._error: BaseException | None = None
        self._ended = False
        self._steps = Steps()
        self._waiting: tuple[float, str | None] | None = None
        self._began = time.perf_counter()
        self._observer: Observer | None = None
        self._filled: dict[str, Any] | None = None
        self._under_way = ""
        self._started_said = False
        self.task: asyncio.Task[None] | None = None
        self.state: dict[str, Any] = {}
        self.startup_phase = Phase(status=Status.SKIPPED)
        self.shutdown_phase = Phase(status=Status.SKIPPED)

    @property
    def goes_on(self) -> bool:
        """A failed startup ends uvicorn; a crashed one only with --lifespan on."""
        if self._failed == "startup" or self.startup_phase.status is Status.TIMED_OUT:
            return False
        return self._error is None or self._mode != "on"

    def report(self) -> LifespanReport:
        """What is known by now."""
        steps = list(self._steps.kept())
        if self._waiting is not None:
            steps.append(Step(call=Call.RECEIVE, at=self._waiting[0], done=None, source=self._waiting[1]))
        return LifespanReport(
            mode=self._mode,
            startup=self.startup_phase,
            shutdown=self.shutdown_phase,
            state=dict(self.state),
            steps=tuple(steps),
            observed=tuple(self._observer.seen) if self._observer is not None else (),
        )

    def ended_by(self, error: BaseException) -> None:
        """What ended the whole server ended the phase that was under way."""
        phase = Phase(status=Status.CRASHED, message=error_text(error), traceback=traceback_text(error))
        if self._under_way == "startup":
            self.startup_phase = phase
        elif self._under_way == "shutdown":
            self.shutdown_phase = phase

    async def startup(self) -> None:
        """Run the application's lifespan up to its answer, or until time is up."""
        began = time.perf_counter()
        self.task = asyncio.get_running_loop().create_task(self._main(), name="lifespan")
        self._inbox.put_nowait({"type": "lifespan.startup"})
        self._under_way = "startup"
        came = await self._wait(self._started)
        self._under_way = ""
        self.startup_phase = self._phase("startup", came, since(began))

    async def shutdown(self) -> None:
        """Tell the application to stop, where its lifespan is still there to hear it."""
        if self._error is not None or self.task is None or self.startup_phase.status is Status.TIMED_OUT:
            return
        was_over = self._ended
        began = time.perf_counter()
        self._inbox.put_nowait({"type": "lifespan.shutdown"})
        self._under_way = "shutdown"
        came = await self._wait(self._stopped)
        self._under_way = ""
        if came and not self._ended:
            # Give the task a turn: what it raises after its answer is a crash too.
            await asyncio.wait([self.task], timeout=min(self._timeout, 0.05))
        phase = self._phase("shutdown", came, since(began))
        self.shutdown_phase = Phase(status=Status.SKIPPED) if was_over else phase

    async def _wait(self, event: asyncio.Event) -> bool:
        try:
            await asyncio.wait_for(event.wait(), self._timeout)
        except TimeoutError:
            return False
        return True

    def _phase(self, name: str, came: bool, milliseconds: float) -> Phase:
        error = self._error
        trace = traceback_text(error) if error is not None else None
        if not came:
            status, said = Status.TIMED_OUT, f"no answer within {self._timeout:g} s"
        elif self._failed == name:
            status, said = Status.FAILED, self._said
        elif error is not None:
            heard = f"lifespan.{name}" in self._taken
            status, said = (Status.CRASHED if heard else Status.UNSUPPORTED), error_text(error)
        elif name == "startup" and self._ended and not self._started_said:
            status, said = Status.UNSUPPORTED, "it returned without an answer"
        else:
            status, said = Status.COMPLETE, ""
        return Phase(status=status, milliseconds=milliseconds, message=said, traceback=trace)

    async def _main(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": self._asgi_version, "spec_version": "2.0"},
            "state": self.state,
        }
        observer = self._observer = Observer(self._began)
        receive, send = observer.receiving(self._receive), observer.sending(self._send)
        try:
            result = await self._app(scope, receive, send)  # type: ignore[func-returns-value]
        except BaseException as error:
            self._error = error
            if not _cut():
                self._look_around(scope)
                self._step(Call.RAISE, since(self._began), line=raising_line(error), error=error_text(error))
        else:
            self._look_around(scope)
            self._step(Call.RETURN, since(self._began), error=returned_text(result))
        finally:
            self._ended = True
            self._started.set()
            self._stopped.set()

    async def _receive(self, one: Asked) -> Message:
        self._waiting = (one.at, one.source)
        message = await self._inbox.get()
        self._waiting = None
        self._taken.append(message["type"])
        self._step(Call.RECEIVE, one.at, message=message, line=one.source)
        return message

    def _send(self, one: Asked) -> None:
        kept, types, _ = copy_message(one.message, Budget())
        error = None
        try:
            self._sent(one.message)
        except Exception as refusal:
            error = error_text(refusal)
            raise
        finally:
            self._step(Call.SEND, one.at, message=kept, line=one.source, error=error, types=types)

    def _step(self, call: Call, asked: float, *, line: str | None = None, **known: Any) -> None:
        self._steps.append(Step(call=call, at=asked, done=since(self._began), source=line, **known))

    def _look_around(self, scope: dict[str, Any]) -> None:
        """The namespace is the server's object: what is put in its place, or put in late, no request sees."""
        observer = self._observer
        assert observer is not None
        observer.ended()
        observer.closed()
        if scope.get("state") is not self.state:
            observer.note(Sight.STATE_REPLACED, "state")
        if self._filled is not None:
            for key in [key for key in self.state if key not in self._filled]:
                observer.note(Sight.STATE_LATE, str(key))

    def _sent(self, message: Message) -> None:
        kind = message["type"]
        assert kind in {
            f"lifespan.{phase}.{end}" for phase in ("startup", "shutdown") for end in ("complete", "failed")
        }
        phase, outcome = kind.split(".")[1:]
        if phase == "startup":
            assert not self._started.is_set(), _TRANSITION
        else:
            assert self._started.is_set(), _TRANSITION
        assert not self._stopped.is_set(), _TRANSITION
        if outcome == "failed":
            self._failed = phase
            said = message.get("message")
            self._said = said if isinstance(said, str) else ""
        if kind == "lifespan.startup.complete":
            self._filled = dict(self.state)
        self._started_said |= phase == "startup"
        (self._started if phase == "startup" else self._stopped).set()


def _cut() -> bool:
    """Whether the runner has cancelled this task: what it raises then is not its own doing."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
