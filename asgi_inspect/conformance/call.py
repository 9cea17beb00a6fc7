"""One call of an application, laid out for the rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..asgi import BEGINNING, HTTP_REQUEST, MESSAGES, RESPONSE_BODY, RESPONSE_START, WEBSOCKET_ACCEPT, Progress, Scope
from ..exchange import Exchange
from ..lifespan import LifespanReport
from ..recording import Call as Kind
from ..recording import Observed, Outcome, Sight, Step
from .rule import Met
from .walk import Sent, Standing, Walk, pairs


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
        return tuple(Walk(protocol=self.protocol, offered=self.offered, steps=self.steps))

    @cached_property
    def known(self) -> tuple[Sent, ...]:
        """The messages an application may send here, order aside, while anybody listens."""
        return tuple(one for one in self.sent if one.standing is Standing.KNOWN and not one.gone)

    def of_type(self, *types: str) -> Iterator[Sent]:
        """Those of `known` with one of these types."""
        return (one for one in self.known if one.type in types)

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
        """Every header of a response that is a pair of byte strings, with the message it stands in."""
        listed = (one for one in self.known if "headers" in MESSAGES[one.type] and one.type != WEBSOCKET_ACCEPT)
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
