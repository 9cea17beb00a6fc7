"""The order of a response: one start, a body, and nothing behind it."""

from __future__ import annotations

from collections.abc import Iterator

from ..asgi import RESPONSE_BODY, RESPONSE_START, Progress
from .call import Call
from .example import app, body, responds, start
from .rule import ERROR, NOTE, WARNING, Met, count, rule

GOOD = responds()
TWICE = body('b"hel"', more="True") + body('b"lo"')


@rule(
    "response-not-started",
    ERROR,
    spec="specs/www.rst, Response Start - send event: “Sent by the application to start sending a response”",
    help="send http.response.start on every path through the application, the early return included",
    seen="uvicorn, hypercorn, granian: 500 | daphne: silence",
    wrong=app("return"),
    right=GOOD,
)
def response_not_started(call: Call) -> Iterator[Met]:
    """A request without an answer: most servers make a 500 of it, one lets the client wait."""
    returned = call.returned()
    if returned and call.progress is Progress.NOTHING:
        yield Met(message="the application returned without a response", step=returned.step)


@rule(
    "response-body-before-start",
    ERROR,
    spec=(
        "specs/www.rst, Response Start - send event: “Needs to be followed by at least one response content message”"
    ),
    help="send http.response.start with status and headers first",
    seen=("uvicorn, granian: RuntimeError, 500 | hypercorn: UnexpectedMessageError, 500 | daphne: ValueError, 500"),
    wrong=app(body()),
    right=GOOD,
    on=("http", "websocket"),
)
def response_body_before_start(call: Call) -> Iterator[Met]:
    """Without a status line there is nothing the body could belong to."""
    for sent in call.of_type(RESPONSE_BODY, "http.response.trailers", "websocket.http.response.body"):
        if sent.before in (Progress.NOTHING, Progress.CONNECTING):
            yield sent.met(f"{sent.type} was sent before the start of a response")


@rule(
    "response-start-duplicate",
    ERROR,
    spec="specs/asgi.rst, Error Handling: “it should raise an exception out of the `send` awaitable”",
    help="an error handler has to know whether the response has begun: keep a flag where start is sent",
    seen=(
        "uvicorn: RuntimeError@2, cut | hypercorn: UnexpectedMessageError@2, cut | "
        "daphne: ValueError@2, silence | granian: RuntimeError@2, 500"
    ),
    wrong=app(start() + start('[(b"content-length", b"5")]', status="500") + body()),
    right=GOOD,
)
def response_start_duplicate(call: Call) -> Iterator[Met]:
    """Mostly an error handler that answers a request whose response is already on the wire."""
    for sent in call.of_type(RESPONSE_START):
        if sent.before in (Progress.STARTED, Progress.STREAMING, Progress.TRAILERS):
            first = call.start.message.get("status") if call.start else None
            yield sent.met(f"a second http.response.start (status {sent.message.get('status')}, after {first})")


@rule(
    "response-start-after-complete",
    ERROR,
    spec="specs/www.rst, Response Body - send event: “any further messages on the channel will be ignored”",
    help="look for a handler that sends a response and returns one too",
    seen=(
        "uvicorn: RuntimeError@3, ok + closed | hypercorn: UnexpectedMessageError@3, ok | daphne: ok | "
        "granian: RuntimeError@3, ok"
    ),
    wrong=app(start() + body() + start()),
    right=GOOD,
)
def response_start_after_complete(call: Call) -> Iterator[Met]:
    """The text asks servers to ignore it; all but one raise in send(), so what works there fails elsewhere."""
    for sent in call.of_type(RESPONSE_START):
        if sent.before is Progress.COMPLETE and not sent.late:
            yield sent.met(f"http.response.start ({sent.message.get('status')}) after the response was complete")


@rule(
    "response-start-without-body",
    ERROR,
    spec=(
        "specs/www.rst, Response Start - send event: “Needs to be followed by at least one response content message”"
    ),
    help="send one last http.response.body, an empty one for 204, 304 and HEAD",
    seen="uvicorn, hypercorn: cut | daphne: silence | granian: 500",
    wrong=app(start()),
    right=app(start('[(b"content-length", b"0")]') + body('b""')),
)
def response_start_without_body(call: Call) -> Iterator[Met]:
    """Many servers send the head only when the first body message comes, so not even that reaches the client."""
    returned = call.returned()
    if returned and call.progress is Progress.STARTED:
        yield Met(message=f"the start ({call.status}) was followed by no http.response.body", step=returned.step)


@rule(
    "response-incomplete",
    ERROR,
    spec="specs/www.rst, Response Body - send event: “Signifies if there is additional content”",
    help="send a last http.response.body without more_body, b'' will do",
    seen="uvicorn, hypercorn, granian: cut | daphne: head then silence",
    wrong=app(start('[(b"content-type", b"text/plain")]') + body(more="True")),
    right=app(start() + TWICE),
)
def response_incomplete(call: Call) -> Iterator[Met]:
    """The server waits for the rest that was announced, and has to cut the connection."""
    returned = call.returned()
    if returned and call.progress is Progress.STREAMING and call.length != call.size:
        message = f"the application returned after {count(call.size, 'byte')}, and had promised more_body"
        yield Met(message=message, step=returned.step)


@rule(
    "response-incomplete-length-met",
    WARNING,
    spec="specs/www.rst, Response Body - send event: “Signifies if there is additional content”",
    help="send a last http.response.body without more_body: the connection can then be used again",
    seen="uvicorn, hypercorn: ok + closed | daphne, granian: ok",
    wrong=app(start() + body(more="True")),
    right=app(start() + body(more="True") + body('b""')),
)
def response_incomplete_length_met(call: Call) -> Iterator[Met]:
    """The client has what content-length promised; the server does not know that nothing more comes."""
    returned = call.returned()
    if returned and call.progress is Progress.STREAMING and call.length == call.size:
        message = f"all {count(call.size, 'byte')} were sent, but the last message said more_body"
        yield Met(message=message, step=returned.step)


@rule(
    "body-after-complete",
    ERROR,
    spec="specs/www.rst, Response Body - send event: “any further messages on the channel will be ignored”",
    help="give more_body: True to every body message but the last",
    seen=(
        "uvicorn: RuntimeError@3, ok + closed | hypercorn: UnexpectedMessageError@3, ok | daphne: ok | "
        "granian: RuntimeError@3, ok"
    ),
    wrong=app(start() + body() + body('b" again"')),
    right=app(start() + TWICE),
)
def body_after_complete(call: Call) -> Iterator[Met]:
    """Often a generator whose chunks were sent without more_body: only the first one arrives."""
    for sent in call.of_type(RESPONSE_BODY):
        if sent.before is Progress.COMPLETE and not sent.late:
            yield sent.met(f"http.response.body ({count(len(sent.content), 'byte')}) after the response was complete")


@rule(
    "body-empty-chunk",
    NOTE,
    spec="specs/www.rst, Response Body - send event: “missing defaults to `b''`”",
    help="leave empty messages out; one before the first byte is a way to flush the head",
    seen="all: ok",
    wrong=app(start() + body('b"hel"', more="True") + body('b""', more="True") + body('b"lo"')),
    right=app(start() + body('b""', more="True") + body()),
)
def body_empty_chunk(call: Call) -> Iterator[Met]:
    """Nothing goes on the wire for it; a chunk of no bytes would mean the end."""
    for sent in call.bodies[1:]:
        if sent.more and not len(sent.content) and sent.before is Progress.STREAMING:
            yield sent.met("an empty http.response.body in the middle of the body")


@rule(
    "body-tiny-chunks",
    NOTE,
    spec="specs/www.rst, Response Body - send event: “must flush any data passed to them into the send buffer”",
    help="join the pieces up to some kilobytes before sending them",
    seen="uvicorn: ok",
    wrong=app(
        start('[(b"content-type", b"text/plain")]')
        + "for number in range(60):\n    "
        + body('b"%d\\n" % number', more="True")
        + body('b""')
    ),
    right=app(start() + TWICE),
)
def body_tiny_chunks(call: Call) -> Iterator[Met]:
    """Each message is a write of its own, with a chunk header around it."""
    sizes = sorted(len(sent.content) for sent in call.bodies)
    if len(sizes) > 50 and sizes[len(sizes) // 2] < 256:
        message = f"the body came in {len(sizes)} messages of about {count(sizes[len(sizes) // 2], 'byte')}"
        yield call.bodies[0].met(message)
