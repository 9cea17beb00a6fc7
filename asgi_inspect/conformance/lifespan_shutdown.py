"""Shutdown: waited for, answered once, and in time."""

from __future__ import annotations

from collections.abc import Iterator

from ..lifespan import Status
from .call import Call
from .example import event, lifespan
from .phases import (
    GOOD,
    ON,
    SHUTDOWN,
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
from .rule import ERROR, WARNING, Met, rule


@rule(
    "lifespan-shutdown-early",
    ERROR,
    spec=(
        "specs/lifespan.rst, Shutdown Complete - send event: "
        "“Sent by the application when it has completed its cleanup”"
    ),
    help="wait in receive() for lifespan.shutdown",
    seen="uvicorn, granian: AssertionError, serves | hypercorn: never starts",
    wrong=lifespan(STARTED + event("lifespan.shutdown.complete") + "await receive()"),
    right=GOOD,
    on=ON,
)
def lifespan_shutdown_early(call: Call) -> Iterator[Met]:
    """Sent in place of the answer to startup it lets hypercorn wait for ever."""
    for sent in answers_to(call, SHUTDOWN):
        if SHUTDOWN not in call.heard(sent.step):
            yield sent.met(f"{sent.type} was sent before lifespan.shutdown was received")


@rule(
    "lifespan-returned-after-startup",
    WARNING,
    spec="specs/lifespan.rst, Scope: “The lifespan scope exists for the duration of the event loop”",
    help="await receive() again, and clean up when lifespan.shutdown comes",
    seen="uvicorn, hypercorn, granian: serves",
    wrong=lifespan(STARTED),
    right=GOOD,
    on=ON,
)
def lifespan_returned_after_startup(call: Call) -> Iterator[Met]:
    """It never hears of shutdown, so nothing is cleaned up."""
    complete = [sent for sent in answers_to(call, STARTUP) if sent.type.endswith("complete")]
    if returned(call) and complete and not heard(call, SHUTDOWN) and not answers_to(call, SHUTDOWN):
        yield at_end(call, "the application returned after startup, before lifespan.shutdown")


@rule(
    "lifespan-raised-after-startup",
    ERROR,
    spec="specs/lifespan.rst, Scope: “The lifespan scope exists for the duration of the event loop”",
    help="catch it: the lifespan call has to last as long as the server",
    seen="uvicorn, hypercorn, granian: serves",
    wrong=lifespan(STARTED + 'raise ValueError("no database")'),
    right=GOOD,
    on=ON,
)
def lifespan_raised_after_startup(call: Call) -> Iterator[Met]:
    """The server goes on; uvicorn says that lifespan "appears unsupported"."""
    if call.ending and raised(call) and answered(call, STARTUP) and not heard(call, SHUTDOWN):
        yield at_end(call, f"{call.ending[1].error} left the lifespan call while the server was up")


@rule(
    "lifespan-shutdown-unanswered",
    ERROR,
    spec="specs/lifespan.rst, Shutdown Complete - send event: “must wait for this message before terminating”",
    help="send lifespan.shutdown.complete, and put a limit on what cleaning up may take",
    seen="uvicorn, hypercorn, granian: serves + it cannot be stopped with SIGTERM",
    wrong=lifespan(STARTED + "await receive()\nawait asyncio.sleep(60)", timeout=0.2, before="import asyncio"),
    right=GOOD,
    on=ON,
)
def lifespan_shutdown_unanswered(call: Call) -> Iterator[Met]:
    """The server cannot stop."""
    if call.report and call.report.shutdown.status is Status.TIMED_OUT:
        yield Met(message=f"lifespan.shutdown: {call.report.shutdown.message}", step=len(call.steps) or None)


@rule(
    "lifespan-shutdown-no-reply",
    WARNING,
    spec="specs/lifespan.rst, Shutdown Complete - send event: “must wait for this message before terminating”",
    help="send lifespan.shutdown.complete when everything is cleaned up",
    seen="uvicorn, hypercorn, granian: serves",
    wrong=lifespan(STARTED + "await receive()"),
    right=GOOD,
    on=ON,
)
def lifespan_shutdown_no_reply(call: Call) -> Iterator[Met]:
    """Servers take the return for an answer."""
    if returned(call) and heard(call, SHUTDOWN) and not answers_to(call, SHUTDOWN):
        yield at_end(call, "the application returned without answering lifespan.shutdown")


@rule(
    "lifespan-shutdown-raised",
    ERROR,
    spec=(
        "specs/lifespan.rst, Shutdown Failed - send event: "
        "“Sent by the application when it has failed to complete its cleanup”"
    ),
    help="catch it, and send lifespan.shutdown.failed with the reason",
    seen="uvicorn, hypercorn, granian: serves",
    wrong=lifespan(STARTED + 'await receive()\nraise ValueError("disk full")'),
    right=lifespan(
        STARTED + "await receive()\n" + event("lifespan.shutdown.failed", '"message": "disk full"'),
    ),
    on=ON,
)
def lifespan_shutdown_raised(call: Call) -> Iterator[Met]:
    """The server stops either way; only the message makes it to the log."""
    if call.ending and raised(call) and heard(call, SHUTDOWN):
        yield at_end(call, f"shutdown raised {call.ending[1].error}")


@rule(
    "lifespan-receive-after-shutdown",
    WARNING,
    spec=(
        "specs/lifespan.rst, Shutdown - receive event: "
        "“Sent to the application when the server has stopped accepting connections”"
    ),
    help="return",
    seen="uvicorn, hypercorn, granian: serves",
    wrong=lifespan(STARTED + STOPPED + "await receive()"),
    right=GOOD,
    on=ON,
)
def lifespan_receive_after_shutdown(call: Call) -> Iterator[Met]:
    """Nothing more will ever come."""
    answers = [sent for sent in answers_to(call, SHUTDOWN) if SHUTDOWN in call.heard(sent.step)]
    for number, step in call.received:
        if answers and step.at > answers[0].step.at:
            message = "receive() was called after shutdown was answered"
            yield Met(message=message, step=number, source=step.source)
