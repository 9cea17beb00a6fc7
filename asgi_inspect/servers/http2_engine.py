"""The client's half of HTTP/2 as zttp 0.0.35 reads it: bytes in, what happened out to a Listener.

A fault of one stream resets it, and the connection goes on; a fault of the connection ends it with GOAWAY
(RFC 9113 §5.4). Held to zttp itself by tests/test_http2_engine.py, frame by frame.
"""

from __future__ import annotations

from ..events import PREFACE
from ..http2 import ErrorCode, Http2Fault
from .http2_frames import HEADER_LENGTH, MAX_FRAME_SIZE, Flag, Frame, FrameType, frame_header, type_name
from .http2_heads import Heads
from .http2_listener import Listener
from .http2_payload import check_length, check_not_zero, check_stream_zero, content
from .http2_stream import GRANTED_AT, Stream, Violation, granted


class ConnectionFault(Exception):
    """What ends the connection; GOAWAY is written."""

    def __init__(self, fault: Http2Fault) -> None:
        super().__init__(fault.words)
        self.fault = fault


class Engine(Heads):
    """One connection. `position` is the offset of what is not read yet."""

    def __init__(self, listener: Listener) -> None:
        super().__init__(listener)
        self.position = 0
        self.unread = bytearray()
        self._begun = self._opened = False
        self._credit = 0

    def receive(self, data: bytes) -> None:
        """One read. Raises ConnectionFault, with GOAWAY among what `take()` gives."""
        self.unread += data
        try:
            if self._preface_read():
                while self._next():
                    pass
        except Violation as error:
            self._goaway(error)

    def _goaway(self, error: Violation) -> None:
        frame = self.frame
        self.write(FrameType.GOAWAY, 0, 0, self.highest.to_bytes(4) + error.code.to_bytes(4))
        span = error.span or frame.span
        fault = Http2Fault(
            rule=error.rule, words=str(error), code=error.code, stream=frame.stream, span=span, whole=True
        )
        raise ConnectionFault(fault) from None

    def _preface_read(self) -> bool:
        if not self._begun and len(self.unread) >= len(PREFACE):
            self._begun = True
            self._pass(len(PREFACE))
        return self._begun

    def _pass(self, length: int) -> None:
        del self.unread[:length]
        self.position += length

    def _next(self) -> bool:
        """Take one frame; False where it is not whole yet."""
        if len(self.unread) < HEADER_LENGTH:
            return False
        length, type, flags, stream = frame_header(self.unread)
        end = HEADER_LENGTH + length
        self.frame = Frame(self.position, type, flags, stream, bytes(self.unread[HEADER_LENGTH : min(end, 1 << 16)]))
        if length > MAX_FRAME_SIZE:
            words = f"a {type_name(type)} frame of {length} octets, and {MAX_FRAME_SIZE} is the most"
            raise Violation("http2-frame-too-large", words, ErrorCode.FRAME_SIZE_ERROR)
        if len(self.unread) < end:
            return False
        frame = self.frame
        self._listener.frame_read(frame)
        self._pass(end)
        check_length(frame)
        if not self._opened and type != FrameType.SETTINGS:
            raise Violation("http2-settings-not-first", f"{type_name(type)} comes before SETTINGS")
        self._opened = True
        self._handle(frame)
        return True

    def _handle(self, frame: Frame) -> None:
        block = self._block
        if block is not None:
            if frame.type != FrameType.CONTINUATION or frame.stream != block.stream:
                where = f"inside a field block of stream {block.stream}"
                words = f"{type_name(frame.type)} on stream {frame.stream} stands {where}"
                raise Violation("http2-field-block-interrupted", words)
            self._continued(block, frame)
        elif frame.type in (FrameType.CONTINUATION, FrameType.PUSH_PROMISE):
            told = {
                FrameType.CONTINUATION: ("http2-continuation-of-nothing", "CONTINUATION follows no open field block"),
                FrameType.PUSH_PROMISE: ("http2-push-by-client", "a client sends PUSH_PROMISE"),
            }
            raise Violation(*told[FrameType(frame.type)])
        elif frame.type in _HANDLERS:
            _HANDLERS[FrameType(frame.type)](self, frame)

    # Frames about the connection

    def _settings(self, frame: Frame) -> None:
        check_stream_zero(frame)
        if frame.flags & Flag.ACK:
            return
        change = self.client_settings.apply(frame.payload)
        for stream in self.streams.values():
            if stream.send_window + change > 2**31 - 1:
                words = f"SETTINGS takes the window of stream {stream.id} beyond 2147483647"
                raise Violation("http2-window-overflow", words, ErrorCode.FLOW_CONTROL_ERROR)
            stream.send_window += change
        self.write(FrameType.SETTINGS, Flag.ACK, 0)
        self.flush_pending()

    def _ping(self, frame: Frame) -> None:
        check_stream_zero(frame)
        if not frame.flags & Flag.ACK:
            self.write(FrameType.PING, Flag.ACK, 0, frame.payload)

    def _away(self, frame: Frame) -> None:
        check_stream_zero(frame)
        self._listener.going_away()

    def _window_update(self, frame: Frame) -> None:
        increment = int.from_bytes(frame.payload) & 0x7FFF_FFFF
        if frame.stream == 0:
            self.send_window = granted(self.send_window, increment, "the connection")
        else:
            stream = self._known(frame)
            if stream is None:
                return
            try:
                stream.grant(increment)
            except Violation as error:
                self._reset(stream, error.code, error.rule, str(error))
                return
        self.flush_pending()

    # Frames about streams

    def _known(self, frame: Frame) -> Stream | None:
        """The stream, None where it is over. Raises Violation for one that never was."""
        if frame.stream not in self.streams and frame.stream > self.highest:
            words = f"{type_name(frame.type)} on stream {frame.stream}, which no HEADERS opened"
            raise Violation("http2-stream-idle", words)
        return self.streams.get(frame.stream)

    def _data(self, frame: Frame) -> None:
        check_not_zero(frame)
        octets = content(frame)
        self._credit += len(frame.payload)
        stream = self._known(frame)
        if stream is None or stream.ended:
            words = f"DATA on stream {frame.stream}, which has ended"
            told = (ErrorCode.STREAM_CLOSED, "http2-stream-ended", words)
            if stream is None:
                self._tell_reset(frame.stream, *told)
            else:  # what the client says of it from now on is not heard
                self._reset(stream, *told)
        else:
            stream.content_read += len(octets)
            stream.credit += len(frame.payload)
            if octets:
                self._listener.data(frame.stream, octets)
            if frame.ends_stream:
                stream.ended = True
                self._end(stream)
        self._grant()

    def _grant(self) -> None:
        """Give back what was read of the windows, when it is half of one."""
        if self._credit >= GRANTED_AT:
            self.write(FrameType.WINDOW_UPDATE, 0, 0, self._credit.to_bytes(4))
            self._credit = 0
        for stream in self.streams.values():
            if stream.credit >= GRANTED_AT:
                self.write(FrameType.WINDOW_UPDATE, 0, stream.id, stream.credit.to_bytes(4))
                stream.credit = 0

    def _rst_stream(self, frame: Frame) -> None:
        check_not_zero(frame)
        if self._known(frame) is not None:
            del self.streams[frame.stream]
            self._charge()
            self._listener.reset(frame.stream, int.from_bytes(frame.payload), None)


_HANDLERS = {
    FrameType.SETTINGS: Engine._settings,
    FrameType.PING: Engine._ping,
    FrameType.GOAWAY: Engine._away,
    FrameType.WINDOW_UPDATE: Engine._window_update,
    FrameType.DATA: Engine._data,
    FrameType.RST_STREAM: Engine._rst_stream,
    FrameType.HEADERS: Engine._headers,
}
