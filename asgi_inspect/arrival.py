"""How a capture's bytes reach the server: which reads, what the client says then, and what comes of each call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from .asgi import Message, Scope
from .captures.capture import ClientConnection
from .reads import Reads
from .recording import Observed, Outcome, Steps, Tape
from .servers.called import Called
from .servers.uvicorn_cycle import Connection
from .websocket_client import CLOSE, Said, close_data


class Read(NamedTuple):
    """What the server reads at once. `captured` is false for what the options let the client say.

    Before it the client waits for `wait` seconds, and where it is `patient` for the application to
    want something from it.
    """

    data: bytes = b""
    captured: bool = True
    wait: float = 0.0
    patient: bool = False


def reads(
    client: ClientConnection, read_size: int, connection: Connection, script: tuple[Said, ...] = ()
) -> Iterator[Read]:
    """The client's bytes in the reads the server makes: each segment, cut to `read_size` at most.

    Frames come behind the answer to their handshake, each in a read of its own, unless the segments of
    the capture show what shared a read. What `script` says comes when the capture is at its end.
    """
    for data in client.parts(read_size):
        yield Read(data)
        if connection.websocket is not None and not client.segments:
            connection.give_back()
            yield from _frames(client.data[connection.received :], read_size)
            break
    yield from _played(script, connection)


def _cut(data: bytes, read_size: int) -> Iterator[bytes]:
    for position in range(0, len(data), read_size):
        yield data[position : position + read_size]


def _frames(data: bytes, read_size: int) -> Iterator[Read]:
    from .servers.websocket_frames import split_frames  # and with it wsproto, which is loaded by now

    for frame in split_frames(data):
        for part in _cut(frame, read_size):
            yield Read(part)


def _played(script: tuple[Said, ...], connection: Connection) -> Iterator[Read]:
    """What the options let the client say; a client that is asked to close does, and says no more."""
    websocket = connection.websocket
    if not script or websocket is None or not websocket.started:
        return
    from .servers.websocket_frames import masked_frame

    for one in script:
        if one.leaves:
            return
        if websocket.close_wanted is not None:
            break
        yield Read(masked_frame(one.opcode, one.data) if one.opcode else b"", captured=False, wait=one.wait)
    else:
        if script[-1].opcode == CLOSE:
            return
        yield Read(captured=False, patient=True)
    code = websocket.close_wanted or 1000
    yield Read(masked_frame(CLOSE, close_data(None if code == 1005 else code)), captured=False)


def snapshot(scope: Scope) -> Scope:
    """The scope as the application is called with it, safe from what it does to it later."""
    copied: Scope = {**scope}
    for key in ("asgi", "state", "extensions"):
        if key in scope:
            copied[key] = dict(scope[key])
    for key in ("headers", "subprotocols"):
        if key in scope:
            copied[key] = list(scope[key])
    return copied


@dataclass(slots=True, kw_only=True)
class Taken:
    """What one cycle was given, and what came back for it. Filled while the connection is played.

    `error` is what the application raised, `traceback` that error with the application's frames.
    `began` is when it was called, in seconds of the clock that timed the connection's reads.
    """

    cycle: Called
    scope: Scope
    receive: list[Message] = field(default_factory=list)
    send: list[Message] = field(default_factory=list)
    steps: Steps = field(default_factory=Steps)
    wire: Tape
    content: Tape
    outcome: Outcome = Outcome.NOT_RUN
    error: str | None = None
    traceback: str | None = None
    observed: tuple[Observed, ...] = ()
    began: float = 0.0


@dataclass(slots=True, kw_only=True)
class Played:
    """A connection after the client has left: `taken` has one entry for each call, in order.

    `closed_by_server` tells that uvicorn closed while the client was still there. One that `goes_on` has
    those calls alone that came since the one before, and are over, and no `reads`.
    """

    connection: Connection
    taken: list[Taken]
    closed_by_server: bool
    reads: Reads = field(default_factory=Reads)
    goes_on: bool = False

    def forget(self) -> None:
        """Let go of everything, now that it is put together: what knows each other stays in memory else."""
        self.taken.clear()
        self.connection.forget()
