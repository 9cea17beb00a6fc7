"""An application that cannot start, and says so."""

from __future__ import annotations

from collections.abc import Iterator

from .call import Call
from .example import event, lifespan
from .phases import FAILED, GOOD, ON, STARTUP, answers_to
from .rule import ERROR, NOTE, Met, kind, rule, shown


@rule(
    "lifespan-event-after-failed",
    ERROR,
    spec="specs/lifespan.rst, Startup Failed - send event: “log/print the message provided and then exit”",
    help="return behind it",
    seen=(
        "uvicorn: AssertionError@2, refuses to start (exit code 3) | "
        "hypercorn: LifespanFailureError, refuses to start (exit code 0) | "
        "granian: AssertionError@2, refuses to start (exit code 1)"
    ),
    wrong=lifespan(FAILED + event("lifespan.startup.complete"), beside=("lifespan-startup-failed",)),
    right=lifespan(FAILED, beside=("lifespan-startup-failed",)),
    on=ON,
)
def lifespan_event_after_failed(call: Call) -> Iterator[Met]:
    """The server is on its way out."""
    failed = next((sent for sent in call.known if sent.type == f"{STARTUP}.failed"), None)
    for sent in call.known:
        if failed is not None and sent.number > failed.number:
            yield sent.met(f"{sent.type} was sent after {failed.type}")


@rule(
    "lifespan-startup-failed",
    NOTE,
    spec="specs/lifespan.rst, Startup Failed - send event: “log/print the message provided and then exit”",
    help="the server stops here, as it was asked to",
    seen=(
        "uvicorn: refuses to start (exit code 3) | "
        "hypercorn: LifespanFailureError, refuses to start (exit code 0) | "
        "granian: refuses to start (exit code 1)"
    ),
    wrong=lifespan(FAILED),
    right=GOOD,
    on=ON,
)
def lifespan_startup_failed(call: Call) -> Iterator[Met]:
    """The right way to say no. hypercorn exits with 0 for it."""
    for sent in answers_to(call, STARTUP)[:1]:
        if sent.type.endswith("failed"):
            yield sent.met(f"startup failed: {sent.message.get('message') or 'no reason was given'}")


@rule(
    "lifespan-failed-no-message",
    NOTE,
    spec="specs/lifespan.rst, Startup Failed - send event: “Optional; if missing defaults to `''`”",
    help='add "message": why',
    seen=(
        "uvicorn: refuses to start (exit code 3) | "
        "hypercorn: LifespanFailureError, refuses to start (exit code 0) | "
        "granian: refuses to start (exit code 1)"
    ),
    wrong=lifespan("await receive()\n" + event("lifespan.startup.failed"), beside=("lifespan-startup-failed",)),
    right=lifespan(FAILED, beside=("lifespan-startup-failed",)),
    on=ON,
)
def lifespan_failed_no_message(call: Call) -> Iterator[Met]:
    """It is all that the log will tell."""
    for sent in call.known:
        if sent.type.endswith(".failed") and not sent.message.get("message"):
            yield sent.met(f"{sent.type} has no message")


@rule(
    "lifespan-message-type",
    ERROR,
    spec="specs/lifespan.rst, Startup Failed - send event: “`message` (*Unicode string*)”",
    help="pass text: str(error)",
    seen=(
        "uvicorn: refuses to start (exit code 3) | "
        "hypercorn: LifespanFailureError, refuses to start (exit code 0) | "
        "granian: refuses to start (exit code 1)"
    ),
    wrong=lifespan(
        "await receive()\n" + event("lifespan.startup.failed", '"message": b"no database"'),
        beside=("lifespan-startup-failed",),
    ),
    right=lifespan(FAILED, beside=("lifespan-startup-failed",)),
    on=ON,
)
def lifespan_message_type(call: Call) -> Iterator[Met]:
    """An exception object, most of the time."""
    for sent in call.known:
        value = sent.message.get("message", "")
        if sent.type.endswith(".failed") and not isinstance(value, str):
            yield sent.met(f"message is {kind(value)} {shown(value)}, not str")
