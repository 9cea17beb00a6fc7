"""How receive() and send() are used: awaited, one at a time, on the application's own loop, while it runs."""

from __future__ import annotations

from collections.abc import Iterator

from ..recording import Call as Kind
from ..recording import Sight
from .call import Call
from .events import EVERYWHERE
from .example import app, body, event, responds, start
from .rule import ERROR, WARNING, Met, rule

GOOD = responds()
BODY = '{"type": "http.response.body", "body": b"hello"}'


@rule(
    "send-not-awaited",
    ERROR,
    spec="specs/asgi.rst, Applications: “`send`: an awaitable callable taking a single event dictionary”",
    help="write await in front of it",
    seen="uvicorn, hypercorn: cut | daphne: silence | granian: ok",
    wrong=app(start() + f"send({BODY})"),
    right=GOOD,
    on=EVERYWHERE,
)
def send_not_awaited(call: Call) -> Iterator[Met]:
    """Calling send() makes a coroutine and does nothing else, except on the one server it seems to work on."""
    for one in call.seen(Sight.SEND_NOT_AWAITED):
        yield call.at(one, f"send({one.detail}) was called and never awaited")


@rule(
    "send-keyword-argument",
    WARNING,
    spec="specs/asgi.rst, Applications: “single event dictionary as a positional argument”",
    help="pass the message as the one positional argument",
    seen="uvicorn, hypercorn, daphne: ok | granian: TypeError, 500",
    wrong=app(start() + f"await send(message={BODY})"),
    right=GOOD,
    on=EVERYWHERE,
)
def send_keyword_argument(call: Call) -> Iterator[Met]:
    """No text gives the parameter a name."""
    for one in call.seen(Sight.KEYWORD_ARGUMENT):
        yield call.at(one, f"send() was called with the keyword {one.detail}", Kind.SEND)


@rule(
    "receive-not-awaited",
    ERROR,
    spec="specs/asgi.rst, Applications: “an awaitable callable that will yield a new event dictionary”",
    help="write await in front of it",
    seen="uvicorn: ok",
    wrong=app("receive()\n" + start() + body()),
    right=app("await receive()\n" + start() + body()),
    on=EVERYWHERE,
)
def receive_not_awaited(call: Call) -> Iterator[Met]:
    """Nothing is received, and the message stays where it is."""
    for one in call.seen(Sight.RECEIVE_NOT_AWAITED):
        yield call.at(one, "receive() was called and never awaited")


@rule(
    "send-overlapping",
    WARNING,
    spec="specs/www.rst, Response Body - send event: “Concatenated onto any previous `body` values”",
    help="await one send() before the next",
    seen="all: ok",
    wrong=app(
        start()
        + "parts = [b'hel', b'lo']\n"
        + 'await asyncio.gather(*[send({"type": "http.response.body", "body": part, "more_body": True}) '
        + "for part in parts])\n"
        + body('b""'),
        before="import asyncio",
    ),
    right=app(start() + body('b"hel"', more="True") + body('b"lo"')),
    on=EVERYWHERE,
)
def send_overlapping(call: Call) -> Iterator[Met]:
    """While the client is slow, send() waits; which of two goes on first is then up to the scheduler."""
    for one in call.seen(Sight.SENDS_OVERLAP):
        yield call.at(one, "send() was called while another send() had not come back", Kind.SEND)


@rule(
    "receive-overlapping",
    WARNING,
    spec="specs/asgi.rst, Applications: “an awaitable callable that will yield a new event dictionary”",
    help="read in one task, and hand on what it got",
    seen="all: ok",
    wrong=app(
        "await asyncio.wait([asyncio.create_task(receive()), asyncio.create_task(receive())], "
        'return_when="FIRST_COMPLETED")\n' + start() + body(),
        before="import asyncio",
        beside=("receive-left-pending", "task-left-running"),
    ),
    right=app("await receive()\n" + start() + body()),
    on=EVERYWHERE,
)
def receive_overlapping(call: Call) -> Iterator[Met]:
    """A message goes to one of them only, and servers differ in which."""
    for one in call.seen(Sight.RECEIVES_OVERLAP):
        yield call.at(one, "receive() was called while another receive() was waiting", Kind.RECEIVE)


@rule(
    "send-foreign-loop",
    ERROR,
    spec="specs/asgi.rst, Overview: “on the main thread”",
    help="give the data back to the application's loop: asyncio.run_coroutine_threadsafe(send(…), loop)",
    seen="all: ok",
    wrong=app(start() + f"await asyncio.to_thread(asyncio.run, send({BODY}))", before="import asyncio"),
    right=app(
        start() + f"loop = asyncio.get_running_loop()\nfuture = asyncio.run_coroutine_threadsafe(send({BODY}), loop)\n"
        "await asyncio.to_thread(future.result)",
        before="import asyncio",
    ),
    on=EVERYWHERE,
)
def send_foreign_loop(call: Call) -> Iterator[Met]:
    """A transport belongs to one thread; what it does when another writes to it is left to chance."""
    for one in call.seen(Sight.FOREIGN_LOOP):
        yield call.at(one, f"awaited in the thread {one.detail}, on another event loop", Kind.SEND)


@rule(
    "send-after-return",
    WARNING,
    spec="specs/www.rst, HTTP Connection Scope: “will last until the end of that specific request”",
    help="keep the application's call alive until everything is sent",
    seen="uvicorn, granian: RuntimeError@3, ok | hypercorn: UnexpectedMessageError@3, ok | daphne: ok",
    wrong=app(
        start() + body() + "task = asyncio.create_task(later(send))",
        before="import asyncio\nimport contextlib\n\n\nasync def later(send):\n    await asyncio.sleep(0)\n"
        "    with contextlib.suppress(RuntimeError):\n        " + event("http.response.body", '"body": b"late"'),
        beside=("task-left-running",),
    ),
    right=GOOD,
    on=EVERYWHERE,
)
def send_after_return(call: Call) -> Iterator[Met]:
    """The scope ends when the call returns, and the response with it."""
    for sent in call.sent:
        if sent.late:
            yield sent.met(f"{sent.type} was sent after the application had returned")
