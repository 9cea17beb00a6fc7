"""How the application's call ends: with nothing but a return."""

from __future__ import annotations

from collections.abc import Iterator

from ..asgi import Progress
from ..recording import Call as Kind
from ..recording import Step
from .call import Call
from .events import answers_as_http
from .example import app, body, lifespan, responds, start
from .rule import ERROR, WARNING, Met, count, rule

GOOD = responds()
BASE_EXCEPTIONS = ("SystemExit", "KeyboardInterrupt", "GeneratorExit", "CancelledError")
_BEGUN = (Progress.STREAMING, Progress.TRAILERS)
NOT_AWAITABLE = "can't be used in 'await' expression"


@rule(
    "app-sync-callable",
    ERROR,
    spec="specs/asgi.rst, Applications: “ASGI applications should be a single async callable”",
    help="make it async def, or return the coroutine that does the work",
    seen="all: 500",
    wrong=app("return None", sync=True),
    right=GOOD,
    on=("http", "websocket"),
)
def app_sync_callable(call: Call) -> Iterator[Met]:
    """A server awaits what the call gives back."""
    if raised := raised_step(call):
        number, step = raised
        if number == 1 and NOT_AWAITABLE in (step.error or ""):
            yield Met(message=f"calling the application gave nothing to await ({step.error})", step=number)


@rule(
    "app-returned-value",
    WARNING,
    spec="asgiref/typing.py, ASGI3Application: “Awaitable[None]”",
    help="send the response with send(), and return nothing",
    seen="uvicorn: ok + closed | hypercorn, daphne, granian: ok",
    wrong=app(start() + body() + "return 200"),
    right=GOOD,
    on=("http", "websocket", "lifespan"),
)
def app_returned_value(call: Call) -> Iterator[Met]:
    """A habit of other interfaces; uvicorn takes it for a fault and closes the connection."""
    if call.ending and call.ending[1].call is Kind.RETURN and call.ending[1].error:
        yield Met(message=f"the application {call.ending[1].error}", step=call.ending[0])


@rule(
    "app-raised-before-response",
    ERROR,
    spec=(
        "specs/asgi.rst, Error Handling: “they must terminate the application instance and its associated connection”"
    ),
    help="catch it and answer with an error of your own",
    seen="all: 500",
    wrong=app('raise ValueError("no such table")'),
    right=GOOD,
)
def app_raised_before_response(call: Call) -> Iterator[Met]:
    """The client gets the server's bare 500."""
    raised = raised_step(call)
    if raised and call.progress is Progress.NOTHING and NOT_AWAITABLE not in (raised[1].error or ""):
        yield _met(raised, f"{raised[1].error} left the application before a response was started")


@rule(
    "app-raised-after-start",
    ERROR,
    spec=(
        "specs/asgi.rst, Error Handling: “they must terminate the application instance and its associated connection”"
    ),
    help="do what can fail before http.response.start",
    seen="uvicorn, hypercorn: cut | daphne: silence | granian: 500",
    wrong=app(start() + 'raise ValueError("no such table")'),
    right=GOOD,
)
def app_raised_after_start(call: Call) -> Iterator[Met]:
    """The status is spent. On daphne no failing request of that process gets an error page any more."""
    raised = raised_step(call)
    if raised and call.progress is Progress.STARTED:
        yield _met(raised, f"{raised[1].error} left the application after the start of a {call.status}")


@rule(
    "app-raised-mid-body",
    ERROR,
    spec=(
        "specs/asgi.rst, Error Handling: “they must terminate the application instance and its associated connection”"
    ),
    help="catch it where the body is made; a content-length lets the client see that something is missing",
    seen="uvicorn, hypercorn, granian: cut | daphne: head then silence",
    wrong=app(start() + body('b"hel"', more="True") + 'raise ValueError("no such table")'),
    right=GOOD,
)
def app_raised_mid_body(call: Call) -> Iterator[Met]:
    """The response is cut short."""
    raised = raised_step(call)
    if raised and call.progress in _BEGUN:
        yield _met(raised, f"{raised[1].error} left the application after {count(call.size, 'byte')} of the body")


@rule(
    "app-raised-after-complete",
    WARNING,
    spec="specs/asgi.rst, Error Handling: “Servers are free to surface errors that bubble up”",
    help="catch it, and log what has to be known",
    seen="uvicorn: ok + closed | hypercorn, daphne, granian: ok",
    wrong=app(start() + body() + 'raise ValueError("no such table")'),
    right=GOOD,
)
def app_raised_after_complete(call: Call) -> Iterator[Met]:
    """The client has everything; uvicorn closes its connection all the same."""
    raised = raised_step(call)
    if raised and call.progress is Progress.COMPLETE:
        yield _met(raised, f"{raised[1].error} left the application after the response was complete")


@rule(
    "app-raised-base-exception",
    ERROR,
    spec=(
        "specs/asgi.rst, Error Handling: “they must terminate the application instance and its associated connection”"
    ),
    help="raise an Exception; a request must not stop the server",
    seen=(
        "uvicorn, granian: 500 | hypercorn: 500 + SystemExit(3) ends the whole server | "
        "daphne: SystemExit(3) ends the whole server without a reply"
    ),
    wrong=app("raise SystemExit(3)"),
    right=GOOD,
    on=("http", "websocket"),
)
def app_raised_base_exception(call: Call) -> Iterator[Met]:
    """Two servers take SystemExit at its word; none of the others is an Exception that middleware catches."""
    if call.ending and call.ending[1].call is Kind.RAISE and raised_name(call.ending[1]) in BASE_EXCEPTIONS:
        yield _met(call.ending, f"{raised_name(call.ending[1])} left the application")


@rule(
    "app-scope-type-unchecked",
    ERROR,
    spec="specs/asgi.rst, Protocol Specifications: “where the `protocol` matches the scope type”",
    help="look at scope['type'] first, and raise for the types you do not handle",
    seen=("uvicorn: AssertionError, serves | hypercorn: UnexpectedMessageError, serves | granian: KeyError, serves"),
    wrong=lifespan(start() + body(), beside=("lifespan-unsupported",)),
    right=lifespan('raise NotImplementedError("no lifespan")', beside=("lifespan-unsupported",)),
    on=("lifespan",),
)
def app_scope_type_unchecked(call: Call) -> Iterator[Met]:
    """A server asks for every kind of scope it has, and goes by what comes back."""
    for sent in call.sent[:1]:
        if answers_as_http(call, sent):
            yield sent.met(f"{sent.type} was sent for a scope of type {call.protocol!r}")


def raised_step(call: Call) -> tuple[int, Step] | None:
    """The RAISE step, where it was an exception of the ordinary kind."""
    ending = call.ending
    if ending is None or ending[1].call is not Kind.RAISE or raised_name(ending[1]) in BASE_EXCEPTIONS:
        return None
    return ending


def raised_name(step: Step) -> str:
    """The name of the exception that a step ended with."""
    return (step.error or "").partition(":")[0]


def _met(ending: tuple[int, Step], message: str) -> Met:
    return Met(message=message, step=ending[0], source=ending[1].source)
