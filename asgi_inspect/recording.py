"""What an application received, sent and raised, and when; large bodies folded, counts kept.

A recording is complete in itself: it can be judged, compared and drawn wherever it comes from.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from operator import itemgetter
from time import perf_counter
from types import MappingProxyType
from typing import Any, NamedTuple

from .asgi import Message
from .span import Span

KEPT_BYTES = 1024 * 1024  # of the bodies of one exchange, unless --body-limit asks for more
KEPT_FIRST, KEPT_LAST = 10_000, 1_000  # of the steps of one exchange
FOLDED_HEAD = 64
BYTES_LIKE = (bytes, bytearray, memoryview)
_ASKED = itemgetter(1)
AS_SHOWN: Mapping[str, str] = MappingProxyType({})  # the types of a message that a copy tells as they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """Bytes too long to keep: how many, their SHA-256 in hex, and how they begin."""

    length: int
    sha256: str
    head: bytes

    def __len__(self) -> int:
        return self.length


class Outcome(StrEnum):
    """How the application's call for one exchange ended."""

    COMPLETED = "completed"
    RAISED = "raised"
    NO_RESPONSE = "no-response"
    INCOMPLETE = "incomplete"
    TIMED_OUT = "timed-out"
    DISCONNECTED = "disconnected"
    NOT_RUN = "not-run"


class Call(StrEnum):
    """What a step is: a message given, a message taken, or the end of the call."""

    RECEIVE = "receive"
    SEND = "send"
    RAISE = "raise"
    RETURN = "return"
    SERVER = "server"  # what the server writes by itself when the application is done: a 500


class Step(NamedTuple):
    """One thing the application did, in the order it was asked.

    `at` and `done` are milliseconds since the exchange began; `done` is None where it never came
    back. `message` is a copy, taken when seen. `wire` is what the step put on the wire. `error` is
    what it raised ("RuntimeError: …"). `source` is the application's line that made the call.
    """

    call: Call
    at: float
    done: float | None
    message: Message | None = None
    wire: bytes | Folded = b""
    error: str | None = None
    source: str | None = None
    types: Mapping[str, str] = AS_SHOWN


class Arrived(NamedTuple):
    """A read that reached the server.

    `at` is in milliseconds since the exchange began (negative: before the application was called),
    `span` covers the bytes it brought, in those of the connection.
    """

    at: float
    span: Span


class Sight(StrEnum):
    """What can be seen of a call beside its steps."""

    SEND_NOT_AWAITED = "send-not-awaited"
    RECEIVE_NOT_AWAITED = "receive-not-awaited"
    COROUTINE_NOT_AWAITED = "coroutine-not-awaited"
    SENDS_OVERLAP = "sends-overlap"
    RECEIVES_OVERLAP = "receives-overlap"
    KEYWORD_ARGUMENT = "keyword-argument"
    FOREIGN_LOOP = "foreign-loop"
    MESSAGE_CHANGED = "message-changed"
    SCOPE_CHANGED = "scope-changed"
    SCOPE_REMOVED = "scope-removed"
    SCOPE_HEADERS_CHANGED = "scope-headers-changed"
    SCOPE_SHARED_CHANGED = "scope-shared-changed"
    STATE_CHANGED = "state-changed"
    STATE_REPLACED = "state-replaced"
    STATE_LATE = "state-late"
    TASK_LEFT = "task-left"
    TASK_EXCEPTION = "task-exception"
    LOOP_BLOCKED = "loop-blocked"
    CANCEL_SWALLOWED = "cancel-swallowed"
    WAITED_AT = "waited-at"


class Observed(NamedTuple):
    """Something seen beside the steps: `at` milliseconds after the exchange began.

    `detail` is the name it is about (a message's type, a key, a task, milliseconds), `source` the
    application's line.
    """

    sight: Sight
    at: float
    detail: str = ""
    source: str | None = None


def since(began: float) -> float:
    """Milliseconds since that time of perf_counter()."""
    return (perf_counter() - began) * 1000


class Tape:
    """Keeps the first `limit` bytes written to it, and the length and SHA-256 of all."""

    _kept: bytes | bytearray = b""
    _hash: Any = None
    length = 0

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._limit = limit
        if not limit:
            self._hash = sha256()

    def write(self, data: bytes) -> None:
        """Add `data`. Hashing starts only when the limit is passed."""
        self.length += len(data)
        if self._hash is not None:
            self._hash.update(data)
        elif not self._kept:
            self._kept = bytes(data)  # most often there is one piece, or two
        else:
            if isinstance(self._kept, bytes):
                self._kept = bytearray(self._kept)
            self._kept += data
        if self._hash is None and self.length > self._limit:
            self._hash = sha256(self._kept)
            self._kept = self._kept[: self._limit]

    def value(self) -> bytes | Folded:
        """All bytes, or what is known of them where they were more than the limit."""
        if self._hash is None:
            return bytes(self._kept)
        return Folded(length=self.length, sha256=self._hash.hexdigest(), head=bytes(self._kept))


def fold(data: bytes) -> Folded:
    """`data` reduced to its length, hash and beginning."""
    return Folded(length=len(data), sha256=sha256(data).hexdigest(), head=bytes(data[:FOLDED_HEAD]))


class Budget:
    """How many body bytes of one exchange are still kept whole."""

    __slots__ = ("left",)

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self.left = limit

    def keep(self, message: Mapping[Any, Any]) -> dict[str, Any]:
        """A copy of `message`, its body folded where the exchange's bodies have grown too large."""
        return self.fold(dict(message))

    def fold(self, copied: dict[Any, Any]) -> dict[str, Any]:
        """`copied` itself, which nobody else has, its body folded where need be."""
        for key in ("body", "bytes"):
            body = copied.get(key)
            if isinstance(body, BYTES_LIKE) and body:
                copied[key] = self.keep_bytes(body)
        return copied

    def keep_bytes(self, data: bytes | bytearray | memoryview) -> bytes | Folded:
        """`data` itself, or folded."""
        self.left -= len(data)
        data = bytes(data)
        return data if self.left >= 0 or len(data) <= FOLDED_HEAD else fold(data)


@dataclass(slots=True)
class Steps:
    """The first and the last steps of an exchange, and how many there were."""

    first: list[Step] = field(default_factory=list)
    last: deque[Step] | None = None  # most exchanges never need it
    left_out: int = 0  # steps between the first and the last that are not kept

    def append(self, step: Step) -> None:
        """Keep `step` if it is among the first; else in the place of the oldest of the last."""
        if len(self.first) < KEPT_FIRST:
            self.first.append(step)
        else:
            self.last = self.last or deque(maxlen=KEPT_LAST)
            self.left_out += len(self.last) == KEPT_LAST
            self.last.append(step)

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.first) + self.left_out + len(self.last or ())

    def kept(self) -> tuple[Step, ...]:
        """What is kept, in the order it was asked."""
        if not self.first:
            return ()
        return tuple(sorted((*self.first, *self.last) if self.last else self.first, key=_ASKED))
