"""Startup: asked for once, answered once, in time, and the namespace filled by then."""

from __future__ import annotations

from collections.abc import Iterator

from ..lifespan import Status
from ..recording import Call as Kind
from ..recording import Sight
from .call import Call, Sent
from .endings import BASE_EXCEPTIONS, raised_name
from .example import event, lifespan
from .rule import ERROR, NOTE, WARNING, Met, kind, rule, shown

STARTED = "await receive()\n" + event("lifespan.startup.complete")
STOPPED = "await receive()\n" + event("lifespan.shutdown.complete")
GOOD = lifespan(STARTED + STOPPED)
FAILED = "await receive()\n" + event("lifespan.startup.failed", '"message": "no database"')
ON = ("lifespan",)
STARTUP, SHUTDOWN = "lifespan.startup", "lifespan.shutdown"


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


@rule(
    "lifespan-state-replaced",
    ERROR,
    spec="specs/lifespan.rst, Lifespan State: “The namespace is controlled completely by the ASGI application”",
    help="fill the one that is there: scope['state'].update(…)",
    seen="uvicorn, hypercorn, granian: requests see an empty state",
    wrong=lifespan('scope["state"] = {"db": 1}\n' + STARTED + STOPPED),
    right=lifespan('scope["state"].update({"db": 1})\n' + STARTED + STOPPED),
    on=ON,
)
def lifespan_state_replaced(call: Call) -> Iterator[Met]:
    """The server keeps its own object, and every request sees that one: empty."""
    for _ in call.seen(Sight.STATE_REPLACED):
        yield Met(message="scope['state'] is another object than the server's; requests will not see what is in it")


@rule(
    "lifespan-state-late",
    WARNING,
    spec="specs/lifespan.rst, Lifespan State: “Applications often want to persist data from the lifespan cycle”",
    help="fill it before lifespan.startup.complete",
    seen="uvicorn, hypercorn, granian: requests may or may not see it",
    wrong=lifespan(STARTED + 'scope["state"]["db"] = 1\n' + STOPPED),
    right=lifespan('scope["state"]["db"] = 1\n' + STARTED + STOPPED),
    on=ON,
)
def lifespan_state_late(call: Call) -> Iterator[Met]:
    """Requests may have begun by then."""
    for one in call.seen(Sight.STATE_LATE):
        yield Met(message=f"scope['state'][{one.detail!r}] came after lifespan.startup.complete")


@rule(
    "lifespan-state-key",
    ERROR,
    spec="specs/lifespan.rst, Scope: “`state` Optional(*dict[Unicode string, Any]*)”",
    help="use text for the key",
    seen="uvicorn: serves",
    wrong=lifespan('scope["state"][1] = "db"\n' + STARTED + STOPPED),
    right=lifespan('scope["state"]["db"] = 1\n' + STARTED + STOPPED),
    on=ON,
)
def lifespan_state_key(call: Call) -> Iterator[Met]:
    """The keys of a namespace are names."""
    for key in call.scope.get("state", {}):
        if not isinstance(key, str):
            yield Met(message=f"scope['state'] has the key {shown(key)}, which is {kind(key)}, not str")


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
