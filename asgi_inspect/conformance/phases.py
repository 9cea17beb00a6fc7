"""The two phases of a lifespan, for the rules about them: their messages, and how the call ended."""

from __future__ import annotations

from ..recording import Call as Kind
from .call import Call
from .endings import BASE_EXCEPTIONS, raised_name
from .example import event, lifespan
from .rule import Met
from .walk import Sent

STARTED = "await receive()\n" + event("lifespan.startup.complete")
STOPPED = "await receive()\n" + event("lifespan.shutdown.complete")
GOOD = lifespan(STARTED + STOPPED)
FAILED = "await receive()\n" + event("lifespan.startup.failed", '"message": "no database"')
ON = ("lifespan",)
STARTUP, SHUTDOWN = "lifespan.startup", "lifespan.shutdown"


def answers_to(call: Call, phase: str) -> list[Sent]:
    """The answers to one phase, in order."""
    return [sent for sent in call.known if sent.type.startswith(f"{phase}.")]


def answered(call: Call, phase: str) -> bool:
    """Whether a phase was answered at all."""
    return bool(answers_to(call, phase))


def heard(call: Call, kind: str) -> bool:
    """Whether a message of the server reached the application."""
    return any((step.message or {}).get("type") == kind for _, step in call.received)


def returned(call: Call) -> bool:
    """Whether the call ended by a return."""
    return call.ending is not None and call.ending[1].call is Kind.RETURN


def raised(call: Call) -> bool:
    """Whether an ordinary exception ended the call."""
    ending = call.ending
    return ending is not None and ending[1].call is Kind.RAISE and raised_name(ending[1]) not in BASE_EXCEPTIONS


def at_end(call: Call, message: str) -> Met:
    """A rule met by how the call ended."""
    assert call.ending is not None
    return Met(message=message, step=call.ending[0], source=call.ending[1].source)
