"""The status of http.response.start."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from ..asgi import RESPONSE_START
from .call import Call
from .example import responds
from .rule import ERROR, NOTE, Met, kind, rule, shown
from .walk import Sent

GOOD = responds()
_DENIAL = "websocket.http.response.start"


@rule(
    "status-missing",
    ERROR,
    spec="specs/www.rst, Response Start - send event: “`status` (*int*) -- HTTP status code”",
    help='add "status": 200, or whatever it is',
    seen=(
        "uvicorn: KeyError, no reply | hypercorn: KeyError, 500 | daphne: ValueError, silence | "
        "granian: RuntimeError, 500"
    ),
    wrong=responds(status=""),
    right=GOOD,
    on=("http", "websocket"),
)
def status_missing(call: Call) -> Iterator[Met]:
    """It has no default."""
    for sent in _starts(call):
        if "status" not in sent.message:
            yield sent.met(f"{sent.type} has no status")


@rule(
    "status-not-int",
    ERROR,
    spec="specs/www.rst, Response Start - send event: “`status` (*int*) -- HTTP status code”",
    help="pass the number, not its text: int(status)",
    seen=(
        "uvicorn/h11, uvicorn/httptools: KeyError, no reply | uvicorn/zttp: TypeError, no reply | "
        "hypercorn: ok | daphne: TypeError@2, silence | granian: RuntimeError, 500"
    ),
    wrong=responds(status='"200"'),
    right=responds(status='__import__("http").HTTPStatus.OK'),
    on=("http", "websocket"),
)
def status_not_int(call: Call) -> Iterator[Met]:
    """HTTPStatus is an int and welcome; text and floats pass on some servers, which is how they slip in."""
    for sent in _starts(call):
        status = sent.message.get("status", 200)
        if not isinstance(status, int):
            yield sent.met(f"status is {kind(status)} {shown(status)}, not int")


@rule(
    "status-bool",
    ERROR,
    spec="specs/www.rst, Response Start - send event: “`status` (*int*) -- HTTP status code”",
    help="look for a comparison that stands where the status should be",
    seen=(
        "uvicorn/h11, uvicorn/httptools: KeyError, no reply | uvicorn/zttp: LocalProtocolError, no reply | "
        "hypercorn: LocalProtocolError, 500 | daphne: 1 | granian: dies"
    ),
    wrong=responds(status="True"),
    right=GOOD,
    on=("http", "websocket"),
)
def status_bool(call: Call) -> Iterator[Met]:
    """True is an int to Python, and the status 1 to a server."""
    for sent in _starts(call):
        if isinstance(sent.message.get("status"), bool):
            yield sent.met(f"status is {sent.message['status']}")


@rule(
    "status-out-of-range",
    ERROR,
    spec="RFC 9110 §15: a status is three digits, the first of them from 1 to 5",
    help="use a registered status",
    seen=(
        "uvicorn/h11, uvicorn/httptools: KeyError, no reply | uvicorn/zttp: LocalProtocolError, no reply | "
        "hypercorn, daphne, granian: 600"
    ),
    wrong=responds(status="600"),
    right=responds(status="511"),
    on=("http", "websocket"),
)
def status_out_of_range(call: Call) -> Iterator[Met]:
    """Where servers disagree most; 0, 99 or 1000 end granian's process, 600 does not."""
    for sent, status in _numbers(call):
        if not 100 <= status <= 599:
            yield sent.met(f"status {status} is not between 100 and 599")


@rule(
    "status-informational",
    ERROR,
    spec="RFC 9110 §15.2: a 1xx response comes before the final one and never in its place",
    help="send the final status; 100 is the server's to send, 103 has the http.response.early_hint extension",
    seen=(
        "uvicorn/h11: LocalProtocolError, no reply | "
        "uvicorn/httptools, daphne: interim [100] + stray bytes | "
        "uvicorn/zttp: interim [100] then nothing | "
        "hypercorn: LocalProtocolError@2, interim [100] then nothing | granian: 500 + closed"
    ),
    wrong=responds("[]", status="100"),
    right=responds(),
)
def status_informational(call: Call) -> Iterator[Met]:
    """A client goes on waiting for the final response behind it."""
    for sent, status in _numbers(call):
        if 100 <= status <= 199:
            yield sent.met(f"status {status} cannot end a request")


@rule(
    "status-unregistered",
    NOTE,
    spec="RFC 9110 §15: a client takes a status it does not know for the x00 of its class",
    help="choose a registered one where another program has to understand it",
    seen="all: 299",
    wrong=responds(status="299"),
    right=responds(status="226"),
    on=("http", "websocket"),
)
def status_unregistered(call: Call) -> Iterator[Met]:
    """Its reason phrase is empty on HTTP/1.1."""
    for sent, status in _numbers(call):
        if 200 <= status <= 599 and status not in _REGISTERED:
            yield sent.met(f"status {status} is not registered; clients take it for {status // 100}00")


_REGISTERED = frozenset(int(status) for status in HTTPStatus)


def _starts(call: Call) -> Iterator[Sent]:
    return call.of_type(RESPONSE_START, _DENIAL)


def _numbers(call: Call) -> Iterator[tuple[Sent, int]]:
    for sent in _starts(call):
        status = sent.message.get("status")
        if isinstance(status, int) and not isinstance(status, bool):
            yield sent, int(status)
