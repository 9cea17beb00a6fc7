"""receive(): the request's body to its end, and the client that leaves."""

from __future__ import annotations

from collections.abc import Iterator

from ..asgi import HTTP_DISCONNECT, Progress
from ..recording import Outcome, Sight, Step
from .call import Call
from .example import app, body, request, responds, start
from .rule import ERROR, NOTE, WARNING, Met, count, rule

GOOD = responds()
_POST = request("POST", content=b"a" * 300)
_LARGE = request("POST", content=b"a" * 200_000)
_EXPECTS = request("POST", b"Expect: 100-continue\r\n", b"hello")
_READ_ALL = 'while (await receive()).get("more_body"):\n    pass\n'


@rule(
    "receive-after-disconnect",
    ERROR,
    spec="specs/www.rst, Disconnect - receive event: “if receive is called after a response has been”",
    help="stop reading at http.disconnect",
    seen="uvicorn, granian: http.disconnect comes again | hypercorn, daphne: receive() waits for ever",
    wrong=app("await receive()\n" + start() + body() + "await receive()\nawait receive()"),
    right=app("await receive()\n" + start() + body() + "await receive()"),
)
def receive_after_disconnect(call: Call) -> Iterator[Met]:
    """A loop that waits for another message hangs on half of the servers."""
    for number, step in received_after(call, HTTP_DISCONNECT):
        yield Met(message="receive() was called after http.disconnect", step=number, source=step.source)


@rule(
    "receive-past-body-end",
    WARNING,
    spec="specs/www.rst, Request - receive event: “the request is complete and should be processed”",
    help="stop reading where more_body is not true",
    seen="all: ok",
    wrong=app("await receive()\nawait receive()\n" + start() + body(), timeout=0.2, beside=("app-timeout",)),
    right=app("await receive()\n" + start() + body()),
)
def receive_past_body_end(call: Call) -> Iterator[Met]:
    """It waits until the client leaves. Two servers give one more empty message first, which hides it there."""
    if call.outcome is not Outcome.TIMED_OUT:
        return
    ends = [step.done for _, step in call.requests() if not (step.message or {}).get("more_body") and step.done]
    waited_at = {one.source for one in call.seen(Sight.WAITED_AT)}
    for number, step in call.received:
        if ends and step.at >= ends[0] and step.source in waited_at:
            yield Met(message="receive() after the end of the body waits for ever", step=number, source=step.source)
            return


@rule(
    "request-more-body-ignored",
    ERROR,
    spec="specs/www.rst, Request - receive event: “should wait until it gets a chunk with this set to”",
    help="read on while more_body is true",
    seen="all: the body is cut at 8 to 128 KiB, each server at another size",
    wrong=app("await receive()\n" + start() + body(), request=_LARGE),
    right=app(_READ_ALL + start() + body(), request=_LARGE),
)
def request_more_body_ignored(call: Call) -> Iterator[Met]:
    """Small requests come in one piece, so it works until somebody sends a large one."""
    read = list(call.requests())
    if not read or call.progress is not Progress.COMPLETE or (call.status or 500) >= 400:
        return
    number, step = read[-1]
    size = sum(len((one.message or {}).get("body", b"")) for _, one in read)
    if (step.message or {}).get("more_body") and not any(one.at > step.at for _, one in call.received):
        message = f"the application read {count(size, 'byte')} of the body, and left the rest that was announced"
        yield Met(message=message, step=number, source=step.source)


@rule(
    "request-body-unread",
    NOTE,
    spec="specs/www.rst, Request - receive event: “serves as a way to stream large incoming HTTP bodies”",
    help="read it, or refuse it with a status that says so (413, 415)",
    seen="uvicorn, hypercorn, daphne: ok | granian: ok + closed",
    wrong=app(start() + body(), request=_POST),
    right=app(_READ_ALL + start() + body(), request=_POST),
)
def request_body_unread(call: Call) -> Iterator[Met]:
    """One server closes the connection for it."""
    fields = {name.lower(): value for name, value in call.scope.get("headers", ())}
    length = fields.get(b"content-length", b"0")
    announced = b"transfer-encoding" in fields or length.strip(b"0") != b""
    if announced and not call.received and call.progress is Progress.COMPLETE and (call.status or 500) < 400:
        yield Met(message=f"the body of the request ({length.decode('latin-1')} bytes) was not read")


@rule(
    "send-after-disconnect",
    NOTE,
    spec=("specs/www.rst, Disconnect - receive event: “should expect future calls to `send()` to raise an exception”"),
    help="stop when http.disconnect has come",
    seen="all: ok",
    wrong=app(
        "await receive()\n" + start() + "await receive()\n" + body(),
        disconnect_after=1,
    ),
    right=app("await receive()\n" + start() + "await receive()", disconnect_after=1),
)
def send_after_disconnect(call: Call) -> Iterator[Met]:
    """Nobody gets it. Servers swallow it, though the text has asked for an OSError since 2.4."""
    gone = [sent for sent in call.sent if sent.gone] if call.outcome is not Outcome.TIMED_OUT else []
    for sent in gone[:1]:
        yield sent.met(f"{sent.type or 'a message'} was sent after http.disconnect had been received")


@rule(
    "expect-continue-read-after-start",
    ERROR,
    spec="RFC 9110 §10.1.1: the client waits for 100 (Continue) or a final status before it sends the body",
    help="read the body before http.response.start, or do not read it",
    seen="uvicorn: the 100 is never sent, and both sides wait | hypercorn, daphne, granian: ok",
    wrong=app(start() + _READ_ALL + body(), request=_EXPECTS),
    right=app(_READ_ALL + start() + body(), request=_EXPECTS),
)
def expect_continue_read_after_start(call: Call) -> Iterator[Met]:
    """Behind the start of the response uvicorn does not send the 100 any more."""
    fields = call.scope.get("headers", ())
    expects = any(name.lower() == b"expect" and value.lower() == b"100-continue" for name, value in fields)
    for number, step in call.received[:1]:
        if expects and call.start and step.at > call.start.step.at:
            message = "the client waits for 100 (Continue), and the body is read only after the start of the response"
            yield Met(message=message, step=number, source=step.source)


def received_after(call: Call, kind: str) -> list[tuple[int, Step]]:
    """The first receive() that was called when one had given a message of this type, if there is one."""
    told = [step.done for _, step in call.received if (step.message or {}).get("type") == kind]
    first = min((done for done in told if done is not None), default=float("inf"))
    return [(number, step) for number, step in call.received if step.at >= first][:1]
