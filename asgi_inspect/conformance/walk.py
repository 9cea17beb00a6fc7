"""Along a call, message by message: what each send() is, and where the response stood when it came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from ..asgi import (
    BEGINNING,
    EXTENSIONS,
    FROM_SERVER,
    HTTP_DISCONNECT,
    MESSAGES,
    MORE,
    ORDER,
    RESPONSE_START,
    WEBSOCKET_DISCONNECT,
    Message,
    Progress,
    moment,
)
from ..copying import NOT_A_MESSAGE
from ..findings import Severity
from ..recording import Call, Folded, Step
from .rule import Met

DISCONNECTS = (HTTP_DISCONNECT, WEBSOCKET_DISCONNECT)
_OVER = (Progress.COMPLETE, Progress.CLOSED)


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
        return _type(self.message)

    @property
    def content(self) -> bytes | Folded:
        """The body: bytes, or Folded; b"" where it is no byte string."""
        value = self.message.get("body", b"")
        return value if isinstance(value, bytes | Folded) else b""  # a copy has no buffers

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


def pairs(sent: Sent, key: str = "headers") -> Iterator[tuple[bytes, bytes]]:
    """The headers of a message that are pairs of byte strings; what is not has rules of its own."""
    headers = sent.message.get(key)
    for item in headers if isinstance(headers, list | tuple) else ():
        if isinstance(item, list | tuple) and len(item) == 2:
            name, value = (bytes(part) if isinstance(part, bytearray | memoryview) else part for part in item)
            if isinstance(name, bytes) and isinstance(value, bytes):
                yield name, value


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The steps of one call on their way along the order of its protocol."""

    protocol: str
    offered: frozenset[str]
    steps: tuple[Step, ...]

    def __iter__(self) -> Iterator[tuple[Sent | None, Progress]]:
        """Each send(), and where the response stands behind it; None for what else moved it on."""
        progress, gone, late = BEGINNING[self.protocol], False, False
        told = self._disconnect_known()
        for number, step in enumerate(self.steps, 1):
            kind = (step.message or {}).get("type")
            late = late or step.call in (Call.RETURN, Call.RAISE)
            if step.call is Call.RECEIVE:
                progress = ORDER[self.protocol][progress].get(str(kind), progress)
                yield None, progress
            if step.call is not Call.SEND:
                continue
            gone = gone or (step.at >= told and progress not in _OVER)
            standing = self._standing(step)
            known = standing is Standing.KNOWN and moment(step.message or {}) in ORDER[self.protocol][progress]
            sent = Sent(
                number=number, step=step, standing=standing, before=progress, in_order=known, gone=gone, late=late
            )
            progress = progress if late else self._behind(sent)
            yield sent, progress

    def _behind(self, sent: Sent) -> Progress:
        """Where the response stands behind a message: one that is out of order, or refused, changes nothing."""
        if not sent.in_order or sent.step.error or sent.gone:
            return sent.before
        following = ORDER[self.protocol][sent.before][moment(sent.message)]
        if following is Progress.COMPLETE and sent.before is not Progress.TRAILERS and self._promised():
            return Progress.TRAILERS
        return following

    def _promised(self) -> bool:
        """Whether the start promised trailers that the server can send."""
        starts = (step.message for step in self.steps if step.message and _type(step.message) == RESPONSE_START)
        start = next(starts, None)
        return "http.response.trailers" in self.offered and start is not None and bool(start.get("trailers"))

    def _disconnect_known(self) -> float:
        """When receive() told the application that the client had left."""
        received = (step for step in self.steps if step.call is Call.RECEIVE)
        told = (step.done for step in received if (step.message or {}).get("type") in DISCONNECTS)
        return min((done for done in told if done is not None), default=float("inf"))

    def _standing(self, step: Step) -> Standing:
        message = step.message or {}
        if NOT_A_MESSAGE in message:
            return Standing.NOT_A_MESSAGE
        if "type" not in message:
            return Standing.WITHOUT_TYPE
        if not isinstance(message["type"], str):
            return Standing.TYPE_NOT_STR
        kind = _type(message)
        if kind not in MESSAGES:
            return Standing.UNKNOWN
        if kind in FROM_SERVER:
            return Standing.FROM_SERVER
        if not kind.startswith(f"{self.protocol}."):
            return Standing.OTHER_PROTOCOL
        offered = kind not in EXTENSIONS or EXTENSIONS[kind] in self.offered
        return Standing.KNOWN if offered else Standing.NOT_OFFERED


def _type(message: Message) -> str:
    """The type of a message, "" where it is no text; of a subclass (an enum, say) the text itself."""
    kind = message.get("type")
    return str.__str__(kind) if isinstance(kind, str) else ""
