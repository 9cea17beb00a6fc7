"""Tasks and time: what an application leaves behind, and how long it keeps others waiting."""

from __future__ import annotations

from collections.abc import Iterator

from ..asgi import Progress
from ..recording import Call as Kind
from ..recording import Outcome, Sight
from .call import Call
from .events import EVERYWHERE
from .example import STREAMED, app, body, responds, start
from .rule import ERROR, NOTE, WARNING, Met, rule

GOOD = responds()
SLOW_MS = 100  # the shortest time that any rule minds
_ASYNCIO = "import asyncio"
_GENTLE = app(start() + body() + "await asyncio.sleep(0)", before=_ASYNCIO)


@rule(
    "cancelled-error-swallowed",
    ERROR,
    spec=(
        "specs/asgi.rst, Error Handling: “they must terminate the application instance and its associated connection”"
    ),
    help="raise it again behind the cleanup",
    seen="hypercorn, daphne: shutdown takes as long as the application likes",
    wrong=app(
        "try:\n    await asyncio.sleep(60)\nexcept asyncio.CancelledError:\n    pass\n",
        before=_ASYNCIO,
        timeout=0.2,
        beside=("app-timeout",),
    ),
    right=app("await asyncio.sleep(60)", before=_ASYNCIO, timeout=0.2, beside=("app-timeout",)),
    on=("http", "websocket"),
)
def cancelled_error_swallowed(call: Call) -> Iterator[Met]:
    """Cancelling is how a server ends what takes too long."""
    for one in call.seen(Sight.CANCEL_SWALLOWED):
        yield Met(message="the application was cancelled, and went on", source=one.source)


@rule(
    "task-left-running",
    WARNING,
    spec="specs/asgi.rst, Overview: “plus a little longer if there is cleanup to do”",
    help="await it or cancel it; keep it in the lifespan if it is meant to go on",
    seen="all: ok",
    wrong=app(
        "KEPT.append(asyncio.create_task(watch()))\n" + start() + body(),
        before=_ASYNCIO + "\n\nKEPT = []\n\n\nasync def watch():\n    await asyncio.sleep(60)",
    ),
    right=app("task = asyncio.create_task(asyncio.sleep(0))\nawait task\n" + start() + body(), before=_ASYNCIO),
    on=("http", "websocket"),
)
def task_left_running(call: Call) -> Iterator[Met]:
    """It outlives the request, and its exception is lost. No server notices."""
    for one in call.seen(Sight.TASK_LEFT):
        yield Met(message=f"a task was still running when the application returned: {one.detail}", source=one.source)


@rule(
    "task-exception-lost",
    WARNING,
    spec="specs/asgi.rst, Error Handling: “Servers are free to surface errors that bubble up”",
    help="await it, or start it in an asyncio.TaskGroup",
    seen="uvicorn: ok",
    wrong=app(
        "asyncio.create_task(fail())\nawait asyncio.sleep(0)\n" + start() + body(),
        before=_ASYNCIO + '\n\n\nasync def fail():\n    raise ValueError("nobody looks")',
    ),
    right=_GENTLE,
    on=EVERYWHERE,
)
def task_exception_lost(call: Call) -> Iterator[Met]:
    """It is printed when the task is collected, or never."""
    for one in call.seen(Sight.TASK_EXCEPTION):
        yield Met(message=f"a task failed and nobody looked: {one.detail}", source=one.source)


@rule(
    "receive-left-pending",
    WARNING,
    spec=("specs/www.rst, Disconnect - receive event: “Sent to the application if receive is called after a response”"),
    help="cancel what listens for the disconnect, and await it, before returning",
    seen="all: ok",
    wrong=app(
        "await receive()\nKEPT.append(asyncio.create_task(receive()))\nawait asyncio.sleep(0)\n" + start() + body(),
        before=_ASYNCIO + "\n\nKEPT = []",
        beside=("task-left-running",),
    ),
    right=app("await receive()\n" + start() + body()),
    on=("http", "websocket"),
)
def receive_left_pending(call: Call) -> Iterator[Met]:
    """What it gets, nobody reads."""
    if call.ending is None or call.ending[1].call is not Kind.RETURN:
        return
    ended = call.ending[1].at
    for number, step in call.received:
        if step.at < ended and step.error is None and (step.done is None or step.done > ended):
            message = "a receive() was still waiting when the application returned"
            yield Met(message=message, step=number, source=step.source)


@rule(
    "event-loop-blocked",
    WARNING,
    spec="specs/asgi.rst, Overview: “they are free to use threading or other processes if they need synchronous”",
    help="await asyncio.sleep() and async clients, or put it into asyncio.to_thread()",
    seen="all: ok",
    wrong=app("time.sleep(0.4)\n" + start() + body(), before="import time"),
    right=app("await asyncio.sleep(0.2)\n" + start() + body(), before=_ASYNCIO),
    on=EVERYWHERE,
)
def event_loop_blocked(call: Call) -> Iterator[Met]:
    """Every other request of the process waits with it."""
    for one in call.seen(Sight.LOOP_BLOCKED):
        yield Met(message=f"the application kept the event loop for itself for {one.detail} ms", source=one.source)


@rule(
    "app-timeout",
    ERROR,
    spec="specs/www.rst, HTTP Connection Scope: “will last until the end of that specific request”",
    help="put a limit on what it waits for, or give it more with --timeout",
    wrong=app("await asyncio.sleep(60)", before=_ASYNCIO, timeout=0.2),
    right=_GENTLE,
    on=("http", "websocket"),
)
def app_timeout(call: Call) -> Iterator[Met]:
    """The client has gone by then."""
    # A loop that was blocked to the end did not come to look; that has a finding of its own.
    waited = list(call.seen(Sight.WAITED_AT))
    if call.outcome is Outcome.TIMED_OUT and waited:
        source = waited[0].source
        at = f"; it waited at {source}" if source else ""
        yield Met(message=f"the response was not complete when time ran out{at}", source=source)


@rule(
    "shutdown-not-observed",
    WARNING,
    spec="specs/www.rst, Disconnect - receive event: “may want to trigger cleanup code if the connection closes early”",
    help="listen in receive() beside the stream, and end it at http.disconnect",
    seen=(
        "uvicorn, granian: a shutdown waits for it for ever, unless a limit is set | "
        "hypercorn: a shutdown cancels it after 3 seconds | daphne: a shutdown cancels it"
    ),
    wrong=app(
        start(STREAMED) + "while True:\n    " + body('b"tick"', more="True") + "    await asyncio.sleep(0.05)",
        before=_ASYNCIO,
        timeout=0.2,
        beside=("app-timeout",),
    ),
    right=app(
        "gone = asyncio.create_task(leaving(receive))\n"
        + start(STREAMED)
        + "while not gone.done():\n    "
        + body('b"tick"', more="True")
        + "    await asyncio.sleep(0.05)",
        before=_ASYNCIO
        + "\n\n\nasync def leaving(receive):\n"
        + '    while (await receive())["type"] != "http.disconnect":\n        pass',
        timeout=0.2,
        beside=("app-timeout",),
    ),
)
def shutdown_not_observed(call: Call) -> Iterator[Met]:
    """It goes on for nobody, and a server that stops waits for it. On uvicorn a stream whose client stays is waited
    for too: --timeout-graceful-shutdown is the limit."""
    begun = call.progress in (Progress.STARTED, Progress.STREAMING)
    blocked = not any(call.seen(Sight.WAITED_AT))
    if call.outcome is Outcome.TIMED_OUT and begun and call.ending is None and not blocked:
        yield Met(message="the response went on when the client had left, and had to be cut", source=_waited(call))


@rule(
    "work-after-complete",
    NOTE,
    spec="specs/asgi.rst, Overview: “plus a little longer if there is cleanup to do”",
    help="short work is fine here; long work belongs into a queue",
    seen="all: ok",
    wrong=app(start() + body() + "await asyncio.sleep(0.3)", before=_ASYNCIO),
    right=_GENTLE,
)
def work_after_complete(call: Call) -> Iterator[Met]:
    """The client does not wait for it; a server that shuts down does."""
    if call.ending and call.last and call.last.step.done is not None:
        milliseconds = call.ending[1].at - call.last.step.done
        if milliseconds > SLOW_MS:
            message = f"the application worked {milliseconds:.0f} ms after the response was complete"
            yield Met(message=message, step=call.ending[0])


@rule(
    "coroutine-never-awaited",
    ERROR,
    spec="specs/asgi.rst, Applications: “`receive`: an awaitable callable”",
    help="write await in front of it",
    seen="uvicorn: ok",
    wrong=app(
        "load()\n" + start() + body(),
        before='async def load():\n    return "cart"',
    ),
    right=app("await load()\n" + start() + body(), before='async def load():\n    return "cart"'),
    on=EVERYWHERE,
)
def coroutine_never_awaited(call: Call) -> Iterator[Met]:
    """Calling it does nothing."""
    for one in call.seen(Sight.COROUTINE_NOT_AWAITED):
        yield Met(message=f"the coroutine {one.detail} was never awaited", source=one.source)


def _waited(call: Call) -> str | None:
    """The application's line where it waited when time ran out."""
    return next((one.source for one in call.seen(Sight.WAITED_AT)), None)
