"""Puts what a reader finds, piece by piece, into client connections.

A reader says what was sent and received on which connection and which body is lost; this keeps
the order, counts the segments, and cuts a connection after a lost body: what follows would
otherwise be read as that body.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Final

from ..findings import Finding, Severity
from .capture import Capture, CaptureError, ClientConnection, Fidelity, Missing, Repair
from .messages import split_responses


@dataclass(slots=True)
class _Open:
    sent: list[bytes] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    missing: Missing | None = None
    tls: bool = False
    joined: tuple[int, int] | None = None  # which segment was put together, and its first part

    def close(self, number: int, *, segments: bool, responses: bool) -> ClientConnection:
        data = b"".join(self.sent)
        received = b"".join(self.received)
        return ClientConnection(
            number=number,
            data=data,
            segments=tuple(self.segments) if segments else (),
            responses=(*self.answers, *split_responses(received, data)) if responses else (),
            missing=self.missing,
            tls=self.tls,
        )


class Gathering:
    """Connections in the order they were first heard of; a key is whatever tells them apart."""

    def __init__(self) -> None:
        self._current: dict[Hashable, _Open] = {}
        self._all: list[_Open] = []
        self._findings: list[Finding] = []

    def _of(self, key: Hashable) -> _Open:
        if key not in self._current:
            self._current[key] = _Open()
            self._all.append(self._current[key])
        return self._current[key]

    def hear_of(self, key: Hashable) -> None:
        """A connection takes its place in the order before anything of it is told."""
        self._of(key)

    def begin(self, key: Hashable) -> None:
        """A connection begins, even if one with this key has been."""
        self._current.pop(key, None)

    def sent(self, key: Hashable, data: bytes, *, same_write: bool = False) -> None:
        """`data` left the client, together with what left just before if `same_write`."""
        connection = self._of(key)
        if connection.missing and data:
            self.begin(key)
            connection = self._of(key)
            self._findings.append(_split(len(self._all)))
        connection.sent.append(data)
        if same_write and connection.segments:
            connection.joined = (len(connection.segments) - 1, connection.segments[-1])
            connection.segments[-1] += len(data)
        elif data:
            connection.segments.append(len(data))

    def over_tls(self, key: Hashable) -> None:
        """What was sent last went to an https or wss URL."""
        self._of(key).tls = True

    def apart(self, key: Hashable) -> None:
        """The two parts last put into one write left in two after all."""
        connection = self._of(key)
        if connection.joined:
            index, first = connection.joined
            connection.segments[index : index + 1] = [first, connection.segments[index] - first]
            connection.joined = None

    def received(self, key: Hashable, data: bytes) -> None:
        """`data` came back, in stream order."""
        self._of(key).received.append(data)

    def answered(self, key: Hashable, response: bytes) -> None:
        """One whole answer, as far as the capture holds it."""
        self._of(key).answers.append(response)

    def lost(self, key: Hashable, missing: Missing, command: str) -> None:
        """A body left the client and the capture does not hold it; `command` would have kept it."""
        self._of(key).missing = missing
        self._findings.append(body_missing(missing, command, len(self._all)))

    def note(self, finding: Finding) -> None:
        """A finding about the capture."""
        self._findings.append(finding)

    def number(self, key: Hashable) -> int:
        """The number the connection will bear."""
        return self._all.index(self._of(key)) + 1

    def capture(
        self,
        source: str,
        format: str,
        *,
        fidelity: Fidelity = Fidelity.EXACT,
        segments: bool = False,
        repairs: tuple[Repair, ...] = (),
        responses: bool = True,
    ) -> Capture:
        """All of it. Connections on which the client sent nothing are left out and said so."""
        heard = [connection for connection in self._all if any(connection.sent)]
        if not heard:
            raise CaptureError(
                f"{source}: read as {format}, but it holds no byte that a client sent. "
                "Capture the request too, for example with: curl --trace - URL, or tcpdump -w FILE"
            )
        if any(connection.missing for connection in heard) and fidelity is Fidelity.EXACT:
            fidelity = Fidelity.REPAIRED
        return Capture(
            source=source,
            format=format,
            fidelity=fidelity,
            connections=tuple(
                c.close(number, segments=segments, responses=responses) for number, c in enumerate(heard, 1)
            ),
            repairs=repairs,
            findings=self._numbered(),
        )

    def _numbered(self) -> tuple[Finding, ...]:
        """The findings with the numbers that are left once silent connections are gone."""
        places = list(accumulate(int(any(connection.sent)) for connection in self._all))
        return tuple(
            replace(finding, connection=max(1, places[min(finding.connection, len(places)) - 1]))
            for finding in self._findings
        )


def body_missing(missing: Missing, command: str, connection: int) -> Finding:
    """The finding that counts a body the capture does not hold."""
    if missing.length is None:
        count = "The body is missing, and nothing tells how long it was"
    elif missing.framed:
        count = f"{missing.length} bytes of body are missing, chunk framing included"
    else:
        bytes_are = "byte of body is" if missing.length == 1 else "bytes of body are"
        count = f"{missing.length} {bytes_are} missing: Content-Length says {missing.length}"
    return Finding(
        rule="body-missing",
        severity=Severity.WARNING,
        message=f"{count}.",
        help=f"Capture it with: {command}; or give the body with --body FILE.",
        connection=connection,
    )


def _split(number: int) -> Finding:
    return Finding(
        rule="connection-split",
        severity=Severity.NOTE,
        message="This request followed a missing body on the same connection; it is shown as a connection of its own.",
        connection=number,
    )


def fill_body(capture: Capture, body: bytes, connection: int | None = None) -> Capture:
    """`capture` with `body` (--body FILE) where it misses one; CaptureError where it does not fit."""
    open_ = [c for c in capture.connections if c.missing and connection in (None, c.number)]
    if len(open_) != 1:
        which = "misses no body" if not open_ else f"misses {len(open_)} bodies; pick one with --connection N"
        raise CaptureError(f"{capture.source}: --body has nowhere to go: the capture {which}.")
    found, missing = open_[0], open_[0].missing
    assert missing is not None
    if missing.length is not None and not missing.framed and missing.length != len(body):
        raise CaptureError(
            f"{capture.source}: --body has {len(body)} bytes, but the capture misses {missing.length}. "
            "Give the file that was sent, byte for byte."
        )
    head = found.data
    if missing.length is None and not missing.framed and body:
        head = head[:-2] + b"Content-Length: %d\r\n\r\n" % len(body)  # nothing in the capture could tell it
    wire = _as_chunks(body) if missing.framed else body
    *before, last = found.pieces()
    segments = (*before, last + len(head) - len(found.data), *filter(None, (len(wire),)))
    filled = replace(found, data=head + wire, segments=segments, missing=None)
    gone = [f for f in capture.findings if f.rule == "body-missing" and f.connection == found.number]
    return replace(
        capture,
        connections=tuple(filled if c is found else c for c in capture.connections),
        findings=tuple(f for f in capture.findings if f not in gone),
    )


def _as_chunks(body: bytes) -> bytes:
    return (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"


DIRECTION: Final = Finding(
    rule="direction-guessed",
    severity=Severity.WARNING,
    message="Who sent what is not told: what follows a whole request and begins with HTTP/ is taken as the answer.",
    help="Capture with a direction: nc -o FILE (traditional), socat -x -v, or tcpdump -w FILE.",
)
