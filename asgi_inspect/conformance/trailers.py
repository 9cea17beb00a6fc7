"""Trailers: header fields behind the body, where the server offers them."""

from __future__ import annotations

from collections.abc import Iterator

from ..asgi import RESPONSE_START, Progress
from .call import Call
from .example import app, body, event, request, start
from .rule import ERROR, NOTE, Met, rule, shown
from .walk import Sent, Standing, pairs

TRAILERS = "http.response.trailers"
OFFERS = (TRAILERS,)
_ASKED = request(headers=b"TE: trailers\r\n")
_PROMISED = start(
    '[(b"content-type", b"text/plain"), (b"content-length", b"5"), (b"trailer", b"x-sum")]', more='"trailers": True'
)
_SENT = event(TRAILERS, '"headers": [(b"x-sum", b"9")]')
GOOD = app(_PROMISED + body() + _SENT, offers=OFFERS, request=_ASKED)
_FORBIDDEN = (
    *(b"content-length", b"transfer-encoding", b"host", b"content-type", b"content-encoding", b"content-range"),
    *(b"set-cookie", b"authorization", b"trailer", b"cache-control", b"te"),
)


@rule(
    "trailers-without-extension",
    ERROR,
    spec=(
        "docs/extensions.rst, HTTP Trailers: "
        "“ASGI servers that implement this extension will provide `http.response.trailers`”"
    ),
    help="test: 'http.response.trailers' in (scope.get('extensions') or {})",
    seen="uvicorn, daphne, granian: ok | hypercorn: cut",
    wrong=app(start(more='"trailers": True') + body()),
    right=app(
        'offered = "http.response.trailers" in (scope.get("extensions") or {})\n'
        + start(more='"trailers": offered')
        + body()
    ),
)
def trailers_without_extension(call: Call) -> Iterator[Met]:
    """The promise alone is enough for hypercorn to wait for them, and to cut an HTTP/1.1 response."""
    for sent in call.sent:
        promises = sent.type == RESPONSE_START and bool(sent.message.get("trailers"))
        if TRAILERS not in call.offered and (promises or sent.type == TRAILERS):
            yield sent.met(f"trailers are used, and the server does not offer {TRAILERS}")
            return


@rule(
    "trailers-flag-missing",
    ERROR,
    spec="docs/extensions.rst, HTTP Trailers: “must set the field `trailers` in *Response Start* as `True`”",
    help='say "trailers": True in http.response.start',
    seen=(
        "uvicorn/zttp: RuntimeError@3, the stream is reset | "
        "hypercorn: UnexpectedMessageError@3, the stream never ends | granian: RuntimeError@3, the stream is reset"
    ),
    wrong=app(start() + body() + _SENT, offers=OFFERS, request=_ASKED),
    right=GOOD,
)
def trailers_flag_missing(call: Call) -> Iterator[Met]:
    """Without it the last body message is the end."""
    for sent in call.of_type(TRAILERS):
        if call.start and not call.start.message.get("trailers"):
            yield sent.met("trailers were sent, and http.response.start did not announce them")


@rule(
    "trailers-not-sent",
    ERROR,
    spec=(
        "specs/www.rst, Response Start - send event: "
        "“the server must wait until it receives a `'http.response.trailers'` message”"
    ),
    help="send http.response.trailers behind the last body message, with no headers if there are none",
    seen="uvicorn/zttp: the stream is reset | hypercorn: the stream never ends | granian: ok",
    wrong=app(_PROMISED + body(), offers=OFFERS, request=_ASKED),
    right=GOOD,
)
def trailers_not_sent(call: Call) -> Iterator[Met]:
    """The server waits for them."""
    returned = call.returned()
    if returned and call.progress is Progress.TRAILERS:
        yield Met(message="trailers were announced and never sent", step=returned.step)


@rule(
    "trailers-before-body-complete",
    ERROR,
    spec=(
        "docs/extensions.rst, HTTP Trailers: “after the last `http.response.body` message (`more_body` being `False`)”"
    ),
    help="finish the body first",
    seen=(
        "uvicorn, granian: RuntimeError@3, cut | hypercorn: UnexpectedMessageError@3, cut | "
        "daphne: ValueError@3, head then silence"
    ),
    wrong=app(_PROMISED + body('b"hel"', more="True") + _SENT + body('b"lo"') + _SENT, offers=OFFERS, request=_ASKED),
    right=GOOD,
)
def trailers_before_body_complete(call: Call) -> Iterator[Met]:
    """They are what comes last."""
    for sent in call.of_type(TRAILERS):
        if sent.before in (Progress.STARTED, Progress.STREAMING) and call.start and call.start.message.get("trailers"):
            yield sent.met("trailers were sent before the last body message")


@rule(
    "trailers-without-te",
    NOTE,
    spec="docs/extensions.rst, HTTP Trailers: “only send the trailing headers in case the client has sent”",
    help="put nothing into them that the client cannot do without",
    seen="uvicorn/zttp, hypercorn: they are dropped",
    wrong=app(_PROMISED + body() + _SENT, offers=OFFERS),
    right=GOOD,
)
def trailers_without_te(call: Call) -> Iterator[Met]:
    """Who does not say `te: trailers` does not get any."""
    fields = call.scope.get("headers", ())
    asked = any(name.lower() == b"te" and b"trailers" in value.lower() for name, value in fields)
    for sent in list(_offered(call))[:1]:
        if not asked:
            yield sent.met("the client did not send te: trailers, so they go nowhere")


@rule(
    "trailers-undeclared",
    NOTE,
    spec="docs/extensions.rst, HTTP Trailers: “The ASGI framework is in charge of sending the `Trailer` headers”",
    help="name them in a trailer header",
    seen="uvicorn/zttp, hypercorn: they are sent",
    wrong=app(start(more='"trailers": True') + body() + _SENT, offers=OFFERS, request=_ASKED),
    right=GOOD,
)
def trailers_undeclared(call: Call) -> Iterator[Met]:
    """A recipient can then know what to keep."""
    declared = b",".join(call.headers(b"trailer")).lower().split(b",")
    names = {name.strip() for name in declared}
    for sent in _offered(call):
        for name, _ in pairs(sent):
            if name.lower() not in names and name.lower() not in _FORBIDDEN:
                yield sent.met(f"the trailer {shown(name)} was not announced")


@rule(
    "trailers-forbidden-field",
    ERROR,
    spec="RFC 9110 §6.5.1: what frames, routes or guards a message cannot come behind it",
    help="send it as a header",
    seen="uvicorn/zttp: LocalProtocolError@3, the stream is reset | hypercorn: it is sent",
    wrong=app(
        _PROMISED + body() + event(TRAILERS, '"headers": [(b"content-length", b"5")]'), offers=OFFERS, request=_ASKED
    ),
    right=GOOD,
)
def trailers_forbidden_field(call: Call) -> Iterator[Met]:
    """It is needed before the body."""
    for sent in _offered(call):
        for name, _ in pairs(sent):
            if name.lower() in _FORBIDDEN:
                yield sent.met(f"{name.decode('latin-1')} must not be a trailer")


@rule(
    "trailers-more",
    NOTE,
    spec="docs/extensions.rst, HTTP Trailers: “`more_trailers` (*bool*)”",
    help="send all of them in one message",
    seen="uvicorn/zttp: all are sent | hypercorn: only the first message counts",
    wrong=app(
        _PROMISED + body() + event(TRAILERS, '"headers": [], "more_trailers": True') + _SENT,
        offers=OFFERS,
        request=_ASKED,
    ),
    right=GOOD,
)
def trailers_more(call: Call) -> Iterator[Met]:
    """In order, and cut short on one server."""
    for sent in _offered(call):
        if sent.more:
            yield sent.met("trailers in more than one message")


def _offered(call: Call) -> Iterator[Sent]:
    return (sent for sent in call.of_type(TRAILERS) if sent.in_order and sent.standing is Standing.KNOWN)
