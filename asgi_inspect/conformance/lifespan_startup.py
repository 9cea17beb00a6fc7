"""Startup: asked for once, and answered once."""

from __future__ import annotations

from collections.abc import Iterator

from ..lifespan import Status
from .call import Call
from .endings import BASE_EXCEPTIONS, raised_name
from .example import event, lifespan
from .phases import (
    FAILED,
    GOOD,
    ON,
    STARTED,
    STARTUP,
    STOPPED,
    answered,
    answers_to,
    at_end,
    heard,
    raised,
    returned,
)
from .rule import ERROR, NOTE, WARNING, Met, rule


@rule(
    "lifespan-unsupported",
    NOTE,
    spec="specs/lifespan.rst, Scope: “the server must continue but not send any lifespan events”",
    help="nothing to do, unless it was meant to have startup and shutdown",
    seen="uvicorn, hypercorn, granian: serves",
    wrong=lifespan('raise NotImplementedError("no lifespan")'),
    right=GOOD,
    on=ON,
)
def lifespan_unsupported(call: Call) -> Iterator[Met]:
    """In order: a server then goes on without. uvicorn with --lifespan on refuses to start."""
    if call.ending and raised(call) and not heard(call, STARTUP):
        message = f"the application does not take lifespan scopes: {call.ending[1].error}"
        yield Met(message=message, step=call.ending[0], source=call.ending[1].source)


@rule(
    "lifespan-startup-raised",
    ERROR,
    spec=(
        "specs/lifespan.rst, Scope: "
        "“prevent the server from starting, then send back `lifespan.startup.failed` instead”"
    ),
    help="catch it, and send lifespan.startup.failed with the reason",
    seen="uvicorn, hypercorn, granian: serves",
    wrong=lifespan('await receive()\nraise ValueError("no database")'),
    right=lifespan(FAILED, beside=("lifespan-startup-failed",)),
    on=ON,
)
def lifespan_startup_raised(call: Call) -> Iterator[Met]:
    """An exception means "I do not know lifespan": the server starts, and serves an application that is not ready."""
    if call.ending and raised(call) and heard(call, STARTUP) and not answered(call, STARTUP):
        yield at_end(call, f"startup raised {call.ending[1].error}, and servers start all the same")


@rule(
    "lifespan-startup-unanswered",
    ERROR,
    spec=(
        "specs/lifespan.rst, Startup Complete - send event: "
        "“must wait for this message before it starts processing connections”"
    ),
    help="send lifespan.startup.complete, and do long work in a task",
    seen="uvicorn, hypercorn, granian: never starts",
    wrong=lifespan("await receive()\nawait receive()", timeout=0.2),
    right=GOOD,
    on=ON,
)
def lifespan_startup_unanswered(call: Call) -> Iterator[Met]:
    """The server waits before it listens; hypercorn gives up after a minute, the others never."""
    if call.report and call.report.startup.status is Status.TIMED_OUT:
        yield Met(message=f"lifespan.startup: {call.report.startup.message}", step=len(call.steps) or None)


@rule(
    "lifespan-returned-early",
    WARNING,
    spec=(
        "specs/asgi.rst, Protocol Specifications: "
        "“Applications should actively reject any protocol that they do not understand”"
    ),
    help="raise for scope types you do not handle; else answer startup, and wait for shutdown",
    seen="uvicorn, hypercorn, granian: serves",
    wrong=lifespan("return"),
    right=GOOD,
    on=ON,
)
def lifespan_returned_early(call: Call) -> Iterator[Met]:
    """Neither a yes nor a no."""
    if returned(call) and not answered(call, STARTUP):
        yield at_end(call, "the application returned without answering lifespan.startup")


@rule(
    "lifespan-startup-before-receive",
    WARNING,
    spec=("specs/lifespan.rst, Startup - receive event: “Sent to the application when the server is ready to startup”"),
    help="await receive() first",
    seen="uvicorn, hypercorn, granian: serves",
    wrong=lifespan(event("lifespan.startup.complete") + "await receive()\n" + STOPPED),
    right=GOOD,
    on=ON,
)
def lifespan_startup_before_receive(call: Call) -> Iterator[Met]:
    """An answer before the question; all servers take it."""
    for sent in answers_to(call, STARTUP)[:1]:
        if STARTUP not in call.heard(sent.step):
            yield sent.met(f"{sent.type} was sent before lifespan.startup was received")


@rule(
    "lifespan-startup-duplicate",
    ERROR,
    spec=(
        "specs/lifespan.rst, Startup Complete - send event: “Sent by the application when it has completed its startup”"
    ),
    help="answer once; look for a middleware that answers too",
    seen="uvicorn, granian: AssertionError@2, serves | hypercorn: serves",
    wrong=lifespan(STARTED + event("lifespan.startup.complete") + STOPPED),
    right=GOOD,
    on=ON,
)
def lifespan_startup_duplicate(call: Call) -> Iterator[Met]:
    """Only the first one counts, and on uvicorn and granian the second ends the lifespan: no shutdown."""
    answers = answers_to(call, STARTUP)
    for sent in answers[1:]:
        if not answers[0].type.endswith("failed"):
            yield sent.met(f"{sent.type} was sent after {answers[0].type}")


@rule(
    "lifespan-base-exception",
    ERROR,
    spec="specs/lifespan.rst, Scope: “the server must continue but not send any lifespan events”",
    help="send lifespan.startup.failed",
    seen=("uvicorn: serves | hypercorn: refuses to start (exit code 0) | granian: refuses to start (exit code 1)"),
    wrong=lifespan("await receive()\nraise SystemExit(3)"),
    right=lifespan(FAILED, beside=("lifespan-startup-failed",)),
    on=ON,
)
def lifespan_base_exception(call: Call) -> Iterator[Met]:
    """hypercorn stops, granian too on SystemExit, uvicorn serves as if startup had not been asked for."""
    if call.ending and raised_name(call.ending[1]) in BASE_EXCEPTIONS:
        yield at_end(call, f"{raised_name(call.ending[1])} left the lifespan call")
