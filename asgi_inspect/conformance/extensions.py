"""Early hints and debug messages: only where the server offers them, and each at its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..asgi import Progress
from .call import Call
from .example import Example, app, body, event, start
from .rule import ERROR, Met, kind, rule, shown
from .walk import Standing

HINT, DEBUG = "http.response.early_hint", "http.response.debug"
_HINT = event(HINT, '"links": [b"</a.css>; rel=preload; as=style"]')
_DEBUG = event(DEBUG, '"info": {"template": "a.html"}')
_STARTED = (Progress.STARTED, Progress.STREAMING, Progress.TRAILERS)


def good(before: str, behind: str, name: str, *beside: str) -> Example:
    """A response with a message of an offered extension before its start or behind it."""
    return app(before + start() + behind + body(), offers=(name,), beside=beside)


def if_offered(name: str, line: str, *, early: bool = False) -> Example:
    """The line behind a test of what the server offers, before the start or behind it."""
    guarded = f'if "{name}" in (scope.get("extensions") or {{}}):\n    {line}'
    return app(guarded + start() + body() if early else start() + guarded + body())


GOOD_HINT = good(_HINT, "", HINT)
GOOD_DEBUG = good(_DEBUG, "", DEBUG)


@rule(
    "early-hint-without-extension",
    ERROR,
    spec="docs/extensions.rst, Early Hints: “provide `http.response.early_hint` in the extensions part of the”",
    help="test: 'http.response.early_hint' in (scope.get('extensions') or {})",
    seen=("uvicorn, granian: RuntimeError, 500 | hypercorn: UnexpectedMessageError, 500 | daphne: ValueError, 500"),
    wrong=app(_HINT + start() + body()),
    right=if_offered(HINT, _HINT, early=True),
)
def early_hint_without_extension(call: Call) -> Iterator[Met]:
    """On HTTP/1.1 no measured server has it."""
    yield from not_offered(call, HINT)


@rule(
    "early-hint-after-start",
    ERROR,
    spec="docs/extensions.rst, Early Hints: “This message can be sent at any time (and multiple”",
    help="send it before http.response.start",
    seen=(
        "uvicorn/zttp: RuntimeError@2, the stream is reset | "
        "hypercorn: UnexpectedMessageError@2, the stream never ends | granian: RuntimeError@2, 500"
    ),
    wrong=good("", _HINT, HINT),
    right=GOOD_HINT,
)
def early_hint_after_start(call: Call) -> Iterator[Met]:
    """The text asked for it after the start until asgiref#579 put that right; servers always wanted it before."""
    for sent in call.of_type(HINT):
        if sent.before in _STARTED:
            yield sent.met("an early hint was sent after http.response.start")


@rule(
    "early-hint-after-complete",
    ERROR,
    spec="docs/extensions.rst, Early Hints: “before the final”",
    help="send it before http.response.start",
    seen="uvicorn/zttp, granian: RuntimeError@3, ok | hypercorn: UnexpectedMessageError@3, ok",
    wrong=app(start() + body() + _HINT, offers=(HINT,)),
    right=GOOD_HINT,
)
def early_hint_after_complete(call: Call) -> Iterator[Met]:
    """Late hints."""
    for sent in call.of_type(HINT):
        if sent.before is Progress.COMPLETE:
            yield sent.met("an early hint was sent after the response was complete")


@rule(
    "early-hint-links",
    ERROR,
    spec="docs/extensions.rst, Early Hints: “`links` (*Iterable[byte string]*)”",
    help='pass a list of byte strings: [b"</a.css>; rel=preload; as=style"]',
    seen="uvicorn/zttp, hypercorn: TypeError, 500 | granian: RuntimeError, 500",
    wrong=good(event(HINT, '"links": ["</a.css>; rel=preload; as=style"]'), "", HINT),
    right=GOOD_HINT,
)
def early_hint_links(call: Call) -> Iterator[Met]:
    """Each is the value of a link header."""
    for sent in call.of_type(HINT):
        links = sent.message.get("links")
        listed = isinstance(links, Iterable) and not isinstance(links, str | bytes)
        if not listed or not all(isinstance(link, bytes) for link in links or ()):
            yield sent.met(f"links is {shown(links)}, not a list of byte strings")


@rule(
    "debug-without-extension",
    ERROR,
    spec="docs/extensions.rst, Debug: “The ASGI context sent to the framework will provide `http.response.debug`”",
    help="test: 'http.response.debug' in (scope.get('extensions') or {})",
    seen=("uvicorn, granian: RuntimeError, 500 | hypercorn: UnexpectedMessageError, 500 | daphne: ValueError, 500"),
    wrong=app(_DEBUG + start() + body()),
    right=if_offered(DEBUG, _DEBUG, early=True),
)
def debug_without_extension(call: Call) -> Iterator[Met]:
    """It is for test clients; no server has it."""
    yield from not_offered(call, DEBUG)


@rule(
    "debug-after-start",
    ERROR,
    spec="docs/extensions.rst, Debug: “must be sent once, before the *Response Start* message”",
    help="send it before http.response.start",
    seen=(
        "uvicorn: RuntimeError@2, cut | hypercorn: UnexpectedMessageError@2, cut | "
        "daphne: ValueError@2, silence | granian: RuntimeError@2, 500"
    ),
    wrong=good("", _DEBUG, DEBUG),
    right=GOOD_DEBUG,
)
def debug_after_start(call: Call) -> Iterator[Met]:
    """Who waits for it has stopped by then."""
    for sent in call.of_type(DEBUG):
        if sent.before is not Progress.NOTHING:
            yield sent.met(f"{DEBUG} was sent when {sent.before}")


@rule(
    "debug-duplicate",
    ERROR,
    spec="docs/extensions.rst, Debug: “must be sent once, before the *Response Start* message”",
    help="put everything into one info",
    wrong=good(_DEBUG + _DEBUG, "", DEBUG),
    right=GOOD_DEBUG,
)
def debug_duplicate(call: Call) -> Iterator[Met]:
    """Once for each response."""
    for sent in list(call.of_type(DEBUG))[1:]:
        yield sent.met(f"a second {DEBUG}")


@rule(
    "debug-info",
    ERROR,
    spec="docs/extensions.rst, Debug: “`info` (*Dict[Unicode string, Any]*)”",
    help='pass "info": {…} with text for keys',
    wrong=good(event(DEBUG, '"info": "a.html"'), "", DEBUG),
    right=GOOD_DEBUG,
)
def debug_info(call: Call) -> Iterator[Met]:
    """A test looks things up in it by name."""
    for sent in call.of_type(DEBUG):
        info = sent.message.get("info")
        if not isinstance(info, dict) or not all(isinstance(key, str) for key in info):
            yield sent.met(f"info is {kind(info)} {shown(info)}, not a dict with text for keys")


def not_offered(call: Call, name: str) -> Iterator[Met]:
    """The messages of an extension that the server does not offer."""
    for sent in call.sent:
        if sent.type == name and sent.standing is Standing.NOT_OFFERED:
            yield sent.met(f"{name} was sent, and the server does not offer it")
