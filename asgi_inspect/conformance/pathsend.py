"""Files that the server sends by their path, where it offers that.

Whether a path exists is not judged: what the file system held is no part of a recording.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from ..asgi import RESPONSE_BODY, Progress
from .call import Call
from .example import app, body, event, start
from .extensions import if_offered, not_offered
from .rule import ERROR, WARNING, Met, kind, rule, shown

PATHSEND = "http.response.pathsend"
_PATH = event(PATHSEND, '"path": "/srv/a.txt"')
GOOD_PATH = app(start() + _PATH, offers=(PATHSEND,))


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


def _absolute(path: str) -> bool:
    kinds: tuple[type[PurePath], ...] = (PurePosixPath, PureWindowsPath)
    return any(kind(path).is_absolute() for kind in kinds)
