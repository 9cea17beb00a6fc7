"""Files that the kernel copies to the socket, where the server offers that."""

from __future__ import annotations

from collections.abc import Iterator

from .call import Call
from .example import app, body, event, start
from .extensions import not_offered
from .rule import ERROR, WARNING, Met, kind, rule, shown

ZEROCOPY = "http.response.zerocopysend"
_FILE = 'with open(__import__("os").devnull, "rb") as file:\n    '
_COPY = event(ZEROCOPY, '"file": file')
GOOD_COPY = app(start() + _FILE + _COPY, offers=(ZEROCOPY,))


@rule(
    "zerocopysend-without-extension",
    ERROR,
    spec="docs/extensions.rst, Zero Copy Send: “ASGI servers that implement this extension will provide”",
    help="test: 'http.response.zerocopysend' in (scope.get('extensions') or {}), and send body messages else",
    seen=(
        "uvicorn: RuntimeError@2, cut | hypercorn: UnexpectedMessageError@2, cut | "
        "daphne: ValueError@2, silence | granian: RuntimeError@2, 500"
    ),
    wrong=app(start() + _FILE + _COPY),
    right=app(
        'if "http.response.zerocopysend" not in (scope.get("extensions") or {}):\n    ' + start() + "    " + body()
    ),
)
def zerocopysend_without_extension(call: Call) -> Iterator[Met]:
    """No measured server has it."""
    yield from not_offered(call, ZEROCOPY)


@rule(
    "zerocopysend-file",
    ERROR,
    spec="docs/extensions.rst, Zero Copy Send: “with an underlying OS file descriptor”",
    help="open a real file",
    wrong=app(
        start() + event(ZEROCOPY, '"file": __import__("io").BytesIO(b"hello")'),
        offers=(ZEROCOPY,),
        beside=("zerocopysend-not-closed",),
    ),
    right=GOOD_COPY,
)
def zerocopysend_file(call: Call) -> Iterator[Met]:
    """The kernel copies from descriptor to descriptor, and a BytesIO has none."""
    for sent in call.of_type(ZEROCOPY):
        if not _has_descriptor(sent.message.get("file")):
            yield sent.met(f"file is {kind(sent.message.get('file'))}, which has no file descriptor")


@rule(
    "zerocopysend-range",
    ERROR,
    spec="docs/extensions.rst, Zero Copy Send: “the number of bytes to copy between the file descriptors”",
    help="pass whole numbers, 0 or more",
    wrong=app(start() + _FILE + event(ZEROCOPY, '"file": file, "offset": -1'), offers=(ZEROCOPY,)),
    right=GOOD_COPY,
)
def zerocopysend_range(call: Call) -> Iterator[Met]:
    """They go to sendfile(2) as they are."""
    for sent in call.of_type(ZEROCOPY):
        for key in ("offset", "count"):
            value = sent.message.get(key)
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
                yield sent.met(f"{key} is {shown(value)}")


@rule(
    "zerocopysend-order",
    ERROR,
    spec=(
        "docs/extensions.rst, Zero Copy Send: “*Response Start* message but before the final *Response Body* message”"
    ),
    help="send it behind http.response.start, and before the last body message",
    wrong=app(_FILE + _COPY + "    " + start() + "    " + body(), offers=(ZEROCOPY,)),
    right=GOOD_COPY,
)
def zerocopysend_order(call: Call) -> Iterator[Met]:
    """It is a part of the body."""
    for sent in call.of_type(ZEROCOPY):
        if not sent.in_order:
            yield sent.met(f"{ZEROCOPY} was sent when {sent.before}")


@rule(
    "zerocopysend-not-closed",
    WARNING,
    spec=(
        "docs/extensions.rst, Zero Copy Send: “ASGI application itself should actively close the used file descriptor”"
    ),
    help="open it in a with block",
    wrong=app(
        'file = open(__import__("os").devnull, "rb")\nKEPT.append(file)\n' + start() + _COPY,
        before="KEPT = []",
        offers=(ZEROCOPY,),
    ),
    right=GOOD_COPY,
)
def zerocopysend_not_closed(call: Call) -> Iterator[Met]:
    """The server does not close it."""
    for sent in call.of_type(ZEROCOPY):
        if getattr(sent.message.get("file"), "closed", True) is False:
            yield sent.met("the file is still open behind the application's call")


def _has_descriptor(file: object) -> bool:
    """A closed file has none any more, and had one when it was sent."""
    if getattr(file, "closed", False):
        return True
    try:
        file.fileno()  # type: ignore[attr-defined]
    except Exception:
        return False
    return True
