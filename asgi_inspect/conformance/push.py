"""Server push: only where the server offers it, and while the response is under way."""

from __future__ import annotations

from collections.abc import Iterator

from ..asgi import Progress
from .call import Call
from .example import app, body, event, start
from .extensions import good, if_offered, not_offered
from .rule import ERROR, NOTE, Met, rule, shown

PUSH = "http.response.push"
_PUSH = event(PUSH, '"path": "/a.css", "headers": []')
_OUT_OF_PUSH_TIME = (Progress.NOTHING, Progress.COMPLETE, Progress.TRAILERS)
GOOD_PUSH = good("", _PUSH, PUSH, "push-deprecated")


@rule(
    "push-without-extension",
    ERROR,
    spec=(
        "docs/extensions.rst, HTTP/2 Server Push: "
        "“ASGI servers that implement this extension will provide `http.response.push`”"
    ),
    help="test: 'http.response.push' in (scope.get('extensions') or {})",
    seen=(
        "uvicorn: RuntimeError@2, cut | hypercorn: UnexpectedMessageError@2, cut | "
        "daphne: ValueError@2, silence | granian: RuntimeError@2, 500"
    ),
    wrong=app(start() + _PUSH + body()),
    right=if_offered(PUSH, _PUSH),
)
def push_without_extension(call: Call) -> Iterator[Met]:
    """One server knows it, on HTTP/2 only; on all others the response is lost."""
    yield from not_offered(call, PUSH)


@rule(
    "push-order",
    ERROR,
    spec=(
        "docs/extensions.rst, HTTP/2 Server Push: "
        "“*Response Start* message but before the final *Response Body* message”"
    ),
    help="send it behind http.response.start and before the last body message",
    seen="uvicorn/zttp, granian: RuntimeError, 500 | hypercorn: ok",
    wrong=app(_PUSH + start() + body(), offers=(PUSH,), beside=("push-deprecated",)),
    right=GOOD_PUSH,
)
def push_order(call: Call) -> Iterator[Met]:
    """A push belongs to a response that is under way."""
    for sent in call.of_type(PUSH):
        if sent.before in _OUT_OF_PUSH_TIME:
            yield sent.met(f"{PUSH} was sent when {sent.before}")


@rule(
    "push-path",
    ERROR,
    spec="docs/extensions.rst, HTTP/2 Server Push: “`path` (*Unicode string*): HTTP path from URL”",
    help='pass the decoded path as text: "/a.css"',
    seen="hypercorn: TypeError@2, the stream never ends",
    wrong=good("", event(PUSH, '"path": b"/a.css", "headers": []'), PUSH, "push-deprecated"),
    right=GOOD_PUSH,
)
def push_path(call: Call) -> Iterator[Met]:
    """The server makes a request of it."""
    for sent in call.of_type(PUSH):
        path = sent.message.get("path")
        if not isinstance(path, str) or not path.startswith("/"):
            yield sent.met(f"the path to push is {shown(path)}, not text that begins with /")


@rule(
    "push-headers-missing",
    ERROR,
    spec="docs/extensions.rst, HTTP/2 Server Push: “`headers` (*Iterable[[byte string, byte string]]*)”",
    help='add "headers": []',
    seen="hypercorn: KeyError@2, the stream never ends",
    wrong=good("", event(PUSH, '"path": "/a.css"'), PUSH, "push-deprecated"),
    right=GOOD_PUSH,
)
def push_headers_missing(call: Call) -> Iterator[Met]:
    """Optional elsewhere, required here."""
    for sent in call.of_type(PUSH):
        if "headers" not in sent.message:
            yield sent.met(f"{PUSH} has no headers")


@rule(
    "push-deprecated",
    NOTE,
    spec="RFC 9113 §8.4 has it; Chrome since 106 and Firefox since 132 do not",
    help="send early hints (103)",
    seen="hypercorn: ok",
    wrong=good("", _PUSH, PUSH),
    right=if_offered(PUSH, _PUSH),
)
def push_deprecated(call: Call) -> Iterator[Met]:
    """Browsers no longer take it."""
    for sent in list(call.of_type(PUSH))[:1]:
        yield sent.met("browsers no longer take server push")
