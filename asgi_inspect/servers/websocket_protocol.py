"""The server's side of one WebSocket: protocol.py and server.py of websockets 17.4, without the logging.

It reads frames whatever uvicorn thinks of them, and already before the application has accepted; what
is to be written waits in `take_writes` until uvicorn asks for it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

from wsproto.frame_protocol import CloseReason, Opcode

from .websocket_frames import Close, Fault, Frame, FrameReader, read_close, write_close, write_frame
from .websocket_handshake import Answer


class State(IntEnum):
    """RFC 6455 §4.1, §7.1.3, §7.1.4."""

    CONNECTING = 0
    OPEN = 1
    CLOSING = 2


class InvalidState(AssertionError):
    """Nothing can be sent any more."""


class Written(NamedTuple):
    """Bytes to send; `opcode`, `data` and `compressed` tell of the frame they are, if they are one."""

    wire: bytes
    opcode: Opcode | None = None
    data: bytes = b""
    compressed: bool = False


class ServerProtocol:
    """One connection. `fault` is what ended the reading of frames, `seen` every frame that was read."""

    def __init__(self, most: int) -> None:
        self.reader = FrameReader(most)
        self.state = State.CONNECTING
        self.close_received: Close | None = None
        self.close_sent: Close | None = None
        self.fault: Fault | None = None
        self.discarding = False
        self._over = False
        self._writes: list[Written] = []

    # The client's bytes

    def receive_data(self, data: bytes, start: int) -> list[Frame]:
        """The frames that are whole with `data`; those before a faulty one in the same read too."""
        if self.discarding:
            return []
        self.reader.feed(data, start)
        frames: list[Frame] = []
        try:
            while not self.discarding and (frame := self.reader.next()) is not None:
                frames.append(frame)
                self._take(frame)
        except Fault as fault:
            self.fault = fault
            self.fail(fault.code, fault.reason)
        return frames

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PING:
            self._send(Opcode.PONG, frame.data)
        elif frame.opcode is Opcode.CLOSE:
            self.close_received = read_close(frame)
            if self.reader.in_message:
                raise Fault(CloseReason.PROTOCOL_ERROR, "incomplete fragmented message", frame.span)
            if self.state is State.OPEN:
                # The payload goes back as it came: 1005 stands for none, and may not be sent.
                self._send(Opcode.CLOSE, frame.data)
                self.close_sent = self.close_received
                self.state = State.CLOSING
            self._end()

    def fail(self, code: int, reason: str) -> None:
        """Give up (§7.1.7): a close frame where the connection is open, and no frame is read again."""
        if self.state is State.OPEN:
            self._send(Opcode.CLOSE, write_close(code, reason))
            self.close_sent = Close(code, reason)
            self.state = State.CLOSING
        if not self._over:
            self._end()
        self.discarding = True

    def _end(self) -> None:
        assert not self._over
        self._over = self.discarding = True

    # What uvicorn sends

    def send_message(self, opcode: Opcode, data: Any) -> None:
        """A text or binary message in one frame. Raises InvalidState, and what a wrong type raises."""
        if self.state is not State.OPEN:
            raise InvalidState
        self._send(opcode, data)

    def send_close(self, code: Any, reason: Any = "") -> None:
        """Start the closing handshake. Raises InvalidState and ProtocolError."""
        if self.state is not State.OPEN:
            raise InvalidState
        self._send(Opcode.CLOSE, write_close(code, reason))
        self.close_sent = Close(code, reason)
        self.state = State.CLOSING

    def send_response(self, answer: Answer) -> None:
        """The answer to the handshake; anything but a 101 is the last that is sent."""
        self._writes.append(Written(answer.serialize()))
        if answer.status == 101:
            assert self.state is State.CONNECTING
            self.state = State.OPEN
        else:
            self._end()

    def take_writes(self) -> list[Written]:
        """What waits to be sent."""
        writes, self._writes = self._writes, []
        return writes

    def _send(self, opcode: Opcode, data: Any) -> None:
        wire, compressed = write_frame(opcode, data, self.reader.deflate)
        self._writes.append(Written(wire, opcode, bytes(data), compressed))
