"""Files sent by the server: pathsend and zerocopysend, where it offers them.

What the file system holds is not part of a recording, so whether a path exists is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from ..asgi import RESPONSE_BODY, Progress
from .call import Call
from .example import app, body, event, start
from .extensions import if_offered, not_offered
from .rule import ERROR, WARNING, Met, kind, rule, shown

PATHSEND, ZEROCOPY = "http.response.pathsend", "http.response.zerocopysend"
_PATH = event(PATHSEND, '"path": "/srv/a.txt"')
_FILE = 'with open(__import__("os").devnull, "rb") as file:\n    '
_COPY = event(ZEROCOPY, '"file": file')
GOOD_PATH = app(start() + _PATH, offers=(PATHSEND,))
GOOD_COPY = app(start() + _FILE + _COPY, offers=(ZEROCOPY,))


@rule(
    "pathsend-without-extension",
    ERROR,
    spec=(
        "docs/extensions.rst, Path Send: "
        "“ASGI servers that implement this extension will provide `http.response.pathsend`”"
    ),
    help="test: 'http.response.pathsend' in (scope.get('extensions') or {}), and send body messages else",
    seen=(
        "uvicorn: RuntimeError@2, cut | hypercorn: UnexpectedMessageError@2, cut | "
        "daphne: ValueError@2, silence | granian: ok with b'filebody'"
    ),
    wrong=app(start() + _PATH),
    right=if_offered(PATHSEND, _PATH),
)
def pathsend_without_extension(call: Call) -> Iterator[Met]:
    """One server has it."""
    yield from not_offered(call, PATHSEND)


@rule(
    "pathsend-before-start",
    ERROR,
    spec="docs/extensions.rst, Path Send: “at any time after the *Response Start* message”",
    help="send http.response.start first",
    seen=("uvicorn, granian: RuntimeError, 500 | hypercorn: UnexpectedMessageError, 500 | daphne: ValueError, 500"),
    wrong=app(_PATH + start() + _PATH, offers=(PATHSEND,)),
    right=GOOD_PATH,
)
def pathsend_before_start(call: Call) -> Iterator[Met]:
    """It is the body of a response."""
    for sent in call.of_type(PATHSEND):
        if sent.before is Progress.NOTHING:
            yield sent.met(f"{PATHSEND} was sent before http.response.start")


@rule(
    "pathsend-mixed",
    ERROR,
    spec="docs/extensions.rst, Path Send: “and cannot be mixed with `http.response.body`”",
    help="use one of them for the whole body",
    seen="granian: RuntimeError@3, cut",
    wrong=app(start() + body('b"hel"', more="True") + _PATH + body('b"lo"'), offers=(PATHSEND,)),
    right=GOOD_PATH,
)
def pathsend_mixed(call: Call) -> Iterator[Met]:
    """The file is the whole body."""
    for sent in call.of_type(PATHSEND):
        if sent.before is Progress.STREAMING:
            yield sent.met(f"{PATHSEND} was sent behind http.response.body")
    completed = call.last if call.last and call.last.type == PATHSEND else None
    for sent in call.of_type(RESPONSE_BODY):
        if completed and sent.number > completed.number:
            yield sent.met(f"http.response.body was sent behind {PATHSEND}")


@rule(
    "pathsend-twice",
    ERROR,
    spec="docs/extensions.rst, Path Send: “It can be called just one time in one response”",
    help="send one file for a response",
    seen="granian: RuntimeError@3, ok",
    wrong=app(start() + _PATH + _PATH, offers=(PATHSEND,)),
    right=GOOD_PATH,
)
def pathsend_twice(call: Call) -> Iterator[Met]:
    """The first one ends the response."""
    for sent in call.of_type(PATHSEND):
        if sent.before is Progress.COMPLETE:
            yield sent.met(f"{PATHSEND} was sent when {sent.before}")


@rule(
    "pathsend-path-type",
    ERROR,
    spec="docs/extensions.rst, Path Send: “`path` (*Unicode string*)”",
    help="pass str(path)",
    seen="granian: RuntimeError@2, 500",
    wrong=app(start() + event(PATHSEND, '"path": __import__("pathlib").Path("/srv/a.txt")'), offers=(PATHSEND,)),
    right=GOOD_PATH,
)
def pathsend_path_type(call: Call) -> Iterator[Met]:
    """A pathlib.Path, most of the time."""
    for sent in call.of_type(PATHSEND):
        path = sent.message.get("path")
        if not isinstance(path, str):
            yield sent.met(f"path is {kind(path)} {shown(path)}, not str")


@rule(
    "pathsend-path-relative",
    ERROR,
    spec="docs/extensions.rst, Path Send: “The string representation of the absolute”",
    help="pass os.path.abspath(path)",
    seen="granian: the file is served, from the directory it was started in",
    wrong=app(start() + event(PATHSEND, '"path": "static/a.txt"'), offers=(PATHSEND,)),
    right=GOOD_PATH,
)
def pathsend_path_relative(call: Call) -> Iterator[Met]:
    """The server may run elsewhere."""
    for sent in call.of_type(PATHSEND):
        path = sent.message.get("path")
        if isinstance(path, str) and not _absolute(path):
            yield sent.met(f"path {shown(path)} is relative to wherever the server was started")


@rule(
    "pathsend-content-length",
    WARNING,
    spec=("docs/extensions.rst, Path Send: “The ASGI application itself is responsible to send the relevant headers”"),
    help="set it from os.stat(path).st_size",
    seen="granian: ok",
    wrong=app(start('[(b"content-type", b"text/plain")]') + _PATH, offers=(PATHSEND,)),
    right=GOOD_PATH,
)
def pathsend_content_length(call: Call) -> Iterator[Met]:
    """The server does not look it up. A wrong one cuts the file, or the connection."""
    for sent in call.of_type(PATHSEND):
        if sent.in_order and not call.headers(b"content-length"):
            yield sent.met("a file is sent, and no content-length")


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


def _absolute(path: str) -> bool:
    kinds: tuple[type[PurePath], ...] = (PurePosixPath, PureWindowsPath)
    return any(kind(path).is_absolute() for kind in kinds)
