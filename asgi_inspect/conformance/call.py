"""One call of an application, laid out for the rules: what was sent when, and where the response stood then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Any

from ..asgi import (
    BEGINNING,
    EXTENSIONS,
    FROM_SERVER,
    HTTP_DISCONNECT,
    HTTP_REQUEST,
    MESSAGES,
    MORE,
    ORDER,
    RESPONSE_BODY,
    RESPONSE_START,
    Message,
    Progress,
    Scope,
    moment,
)
from ..copying import NOT_A_MESSAGE
from ..exchange import Exchange
from ..findings import Severity
from ..lifespan import LifespanReport
from ..recording import Call as Kind
from ..recording import Observed, Outcome, Sight, Step
from .rule import Met


class Standing(Enum):
    """What a sent object is, before anything in it is looked at."""

    NOT_A_MESSAGE = auto()
    WITHOUT_TYPE = auto()
    TYPE_NOT_STR = auto()
    UNKNOWN = auto()
    FROM_SERVER = auto()
    OTHER_PROTOCOL = auto()
    NOT_OFFERED = auto()
    KNOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One send(): `before` is where the response stood, `in_order` whether it may come then.

    `gone` tells that the application knew by then that the client had left, `late` that its call was over.
    """

    number: int
    step: Step
    standing: Standing
    before: Progress
    in_order: bool
    gone: bool = False
    late: bool = False

    @property
    def message(self) -> Message:
        """What was sent, as a dict."""
        return self.step.message or {}

    @property
    def type(self) -> str:
        """The message's type, "" where it has none."""
        kind = self.message.get("type")
        return kind if isinstance(kind, str) else ""

    @property
    def content(self) -> Any:
        """The body: bytes, or Folded; b"" where it is no byte string."""
        value = self.message.get("body", b"")
        return b"" if isinstance(value, str | list | tuple | dict) or not hasattr(value, "__len__") else value

    @property
    def more(self) -> bool:
        """Whether another message of its kind was announced."""
        return moment(self.message).endswith(MORE)

    def type_of(self, key: str) -> str:
        """The type of a value as the application sent it."""
        value = self.message.get(key)
        return self.step.types.get(key) or ("None" if value is None else type(value).__name__)

    def met(self, message: str, severity: Severity | None = None) -> Met:
        """A rule met by this message."""
        return Met(message=message, step=self.number, source=self.step.source, severity=severity)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A finished call. `ending` is its RETURN or RAISE step, None where it was cut."""

    protocol: str
    scope: Scope
    steps: tuple[Step, ...]
    observed: tuple[Observed, ...] = ()
    outcome: Outcome = Outcome.NOT_RUN
    report: LifespanReport | None = None
    exchange: Exchange | None = None

    @classmethod
    def of(cls, exchange: Exchange) -> Call:
        """The call of one exchange that reached the application."""
        scope = exchange.scope or {}
        return cls(
            protocol=scope.get("type", "http"),
            scope=scope,
            steps=exchange.steps,
            observed=exchange.observed,
            outcome=exchange.outcome,
            exchange=exchange,
        )

    @classmethod
    def of_lifespan(cls, report: LifespanReport) -> Call:
        """The application's one call for startup and shutdown."""
        scope = {"type": "lifespan", "state": report.state}
        return cls(protocol="lifespan", scope=scope, steps=report.steps, observed=report.observed, report=report)

    @cached_property
    def offered(self) -> frozenset[str]:
        """The extensions the server offers."""
        return frozenset(self.scope.get("extensions") or {})

    @cached_property
    def sent(self) -> tuple[Sent, ...]:
        """Every send(), in order."""
        return tuple(sent for sent, _ in self._walked if sent is not None)

    @cached_property
    def _walked(self) -> tuple[tuple[Sent | None, Progress], ...]:
        return tuple(_walk(self))

    @cached_property
    def known(self) -> tuple[Sent, ...]:
        """The messages an application may send here, order aside, while anybody listens."""
        return tuple(one for one in self.sent if one.standing is Standing.KNOWN and not one.gone)

    def of_type(self, *types: str) -> Iterator[Sent]:
        """Those of `known` with one of these types."""
        return (one for one in self.known if one.message["type"] in types)

    @cached_property
    def start(self) -> Sent | None:
        """The start of the response, whether the server took it or not."""
        return next((one for one in self.of_type(RESPONSE_START) if one.in_order), None)

    @cached_property
    def bodies(self) -> tuple[Sent, ...]:
        """The body messages that came in order."""
        return tuple(one for one in self.of_type(RESPONSE_BODY) if one.in_order)

    @cached_property
    def last(self) -> Sent | None:
        """The message that completed the response's content."""
        final = (RESPONSE_BODY, "http.response.pathsend", "http.response.zerocopysend")
        return next((one for one in self.of_type(*final) if one.in_order and not one.more), None)

    @cached_property
    def size(self) -> int:
        """How many bytes of content the application sent."""
        return sum(len(one.content) for one in self.bodies)

    @cached_property
    def status(self) -> int | None:
        """The status of the response, where it is a number."""
        status = self.start.message.get("status") if self.start else None
        return int(status) if isinstance(status, int) and not isinstance(status, bool) else None

    @cached_property
    def method(self) -> str:
        """The request's method."""
        return str(self.scope.get("method", ""))

    @cached_property
    def fields(self) -> tuple[tuple[Sent, bytes, bytes], ...]:
        """Every header that is a pair of byte strings, with the message it stands in."""
        listed = (sent for sent in self.known if "headers" in MESSAGES[sent.type])
        return tuple((sent, name, value) for sent in listed for name, value in pairs(sent))

    @cached_property
    def _values(self) -> dict[bytes, list[bytes]]:
        values: dict[bytes, list[bytes]] = {}
        for sent, name, value in self.fields:
            if sent is self.start:
                values.setdefault(name.lower(), []).append(value)
        return values

    def headers(self, name: bytes) -> list[bytes]:
        """The values of one header of the response."""
        return self._values.get(name, [])

    @cached_property
    def length(self) -> int | None:
        """The content-length of the response, where there is one and it is digits."""
        values = self.headers(b"content-length")
        return int(values[0]) if len(set(values)) == 1 and values[0].isdigit() else None

    @cached_property
    def ending(self) -> tuple[int, Step] | None:
        """How the call ended: the number of the step, and the step."""
        ends = ((number, step) for number, step in self.numbered if step.call in (Kind.RETURN, Kind.RAISE))
        return next(ends, None)

    @cached_property
    def numbered(self) -> tuple[tuple[int, Step], ...]:
        """The steps with their numbers."""
        return tuple(enumerate(self.steps, 1))

    @cached_property
    def progress(self) -> Progress:
        """Where the response stood when the call was over."""
        return self._walked[-1][1] if self._walked else BEGINNING[self.protocol]

    def heard(self, step: Step) -> set[str]:
        """The types of the messages that receive() had given by then."""
        done = ((one.done, (one.message or {}).get("type")) for _, one in self.received)
        return {str(kind) for at, kind in done if at is not None and at <= step.at}

    @cached_property
    def received(self) -> tuple[tuple[int, Step], ...]:
        """The receive() calls with their numbers."""
        return tuple((number, step) for number, step in self.numbered if step.call is Kind.RECEIVE)

    def requests(self) -> Iterator[tuple[int, Step]]:
        """The http.request messages."""
        return ((number, step) for number, step in self.received if (step.message or {}).get("type") == HTTP_REQUEST)

    def returned(self) -> Met | None:
        """The place of the return, where the application returned to a client that was still there.

        None where a send() was refused, not awaited or too late: rules of their own tell why something is missing.
        """
        told = any(one.step.error or one.late for one in self.sent) or any(self.seen(Sight.SEND_NOT_AWAITED))
        if self.ending is None or self.ending[1].call is not Kind.RETURN or told:
            return None
        return (
            None if self.outcome in (Outcome.DISCONNECTED, Outcome.TIMED_OUT) else Met(message="", step=self.ending[0])
        )

    def seen(self, sight: Sight) -> Iterator[Observed]:
        """What was observed of one kind."""
        return (one for one in self.observed if one.sight is sight)

    def at(self, one: Observed, message: str, call: Kind | None = None) -> Met:
        """A rule met by what was observed, at the step it belongs to."""
        steps = ((number, step) for number, step in self.numbered if step.call is call and step.at >= one.at)
        number, step = next(steps, (None, None))
        return Met(message=message, step=number, source=one.source or (step.source if step else None))


def pairs(sent: Sent, key: str = "headers") -> Iterator[tuple[bytes, bytes]]:
    """The headers of a message that are pairs of byte strings; what is not has rules of its own."""
    headers = sent.message.get(key)
    for item in headers if isinstance(headers, list | tuple) else ():
        if isinstance(item, list | tuple) and len(item) == 2:
            name, value = (bytes(part) if isinstance(part, bytearray | memoryview) else part for part in item)
            if isinstance(name, bytes) and isinstance(value, bytes):
                yield name, value


def after(call: Call, sent: Sent) -> Progress:
    """Where the response stands behind a message: one that is out of order, or refused, changes nothing."""
    if not sent.in_order or sent.step.error or sent.gone:
        return sent.before
    following = ORDER[call.protocol][sent.before][moment(sent.message)]
    if following is Progress.COMPLETE and sent.before is not Progress.TRAILERS and _promised(call):
        return Progress.TRAILERS
    return following


def _promised(call: Call) -> bool:
    """Whether the start promised trailers that the server can send."""
    starts = (step.message for step in call.steps if step.message and step.message.get("type") == RESPONSE_START)
    start = next(starts, None)
    return "http.response.trailers" in call.offered and start is not None and bool(start.get("trailers"))


def _walk(call: Call) -> Iterator[tuple[Sent | None, Progress]]:
    """Go along the order of the protocol, message by message, to the end of the call and what comes after it."""
    progress, gone, late = BEGINNING[call.protocol], False, False
    told = _disconnect_known(call)
    for number, step in call.numbered:
        kind = (step.message or {}).get("type")
        late = late or step.call in (Kind.RETURN, Kind.RAISE)
        if step.call is Kind.RECEIVE:
            progress = ORDER[call.protocol][progress].get(str(kind), progress)
            yield None, progress
        if step.call is not Kind.SEND:
            continue
        gone = gone or (step.at >= told and progress is not Progress.COMPLETE)
        standing = _standing(call, step)
        known = standing is Standing.KNOWN and moment(step.message or {}) in ORDER[call.protocol][progress]
        sent = Sent(number=number, step=step, standing=standing, before=progress, in_order=known, gone=gone, late=late)
        progress = progress if late else after(call, sent)
        yield sent, progress


def _disconnect_known(call: Call) -> float:
    """When receive() told the application that the client had left."""
    told = (step.done for _, step in call.received if (step.message or {}).get("type") == HTTP_DISCONNECT)
    return min((done for done in told if done is not None), default=float("inf"))


def _standing(call: Call, step: Step) -> Standing:
    message = step.message or {}
    if NOT_A_MESSAGE in message:
        return Standing.NOT_A_MESSAGE
    if "type" not in message:
        return Standing.WITHOUT_TYPE
    kind = message["type"]
    if not isinstance(kind, str):
        return Standing.TYPE_NOT_STR
    if kind not in MESSAGES:
        return Standing.UNKNOWN
    if kind in FROM_SERVER:
        return Standing.FROM_SERVER
    if not kind.startswith(f"{call.protocol}."):
        return Standing.OTHER_PROTOCOL
    offered = kind not in EXTENSIONS or EXTENSIONS[kind] in call.offered
    return Standing.KNOWN if offered else Standing.NOT_OFFERED
