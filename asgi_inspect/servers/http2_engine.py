"""The client's half of HTTP/2 as zttp 0.0.35 reads it: bytes in, what happened out to a Listener.

A fault of one stream resets it, and the connection goes on; a fault of the connection ends it with GOAWAY
(RFC 9113 §5.4). Held to zttp itself by tests/test_http2_engine.py, frame by frame.
"""

from __future__ import annotations

from typing import Final

from ..http2 import PREFACE, ErrorCode, Fields, Http2Fault
from ..span import Span
from .http2_frames import HEADER_LENGTH, MAX_FRAME_SIZE, Flag, Frame, FrameType, frame_header, type_name
from .http2_hpack import BrokenBlock, FieldBlocks, LongList
from .http2_listener import Block, Listener
from .http2_payload import check_length, check_not_zero, check_stream_zero, content, fragment
from .http2_request import FieldFault, read_request, read_trailers
from .http2_sending import Sender
from .http2_stream import GRANTED_AT, Stream, Violation, granted

MAX_STREAMS_AT_ONCE = 128
_MAX_STREAMS = 4096
_MAX_RESETS = 256
_MAX_BLOCK = 65536
_MAX_CONTINUATIONS = 16
_CALM: Final = ErrorCode.ENHANCE_YOUR_CALM


class ConnectionFault(Exception):
    """What ends the connection; GOAWAY is written."""

    def __init__(self, fault: Http2Fault) -> None:
        super().__init__(fault.words)
        self.fault = fault


class Engine(Sender):
    """One connection. `position` is the offset of what is not read yet, `frame` the one that was read last."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self.position = 0
        self.unread = bytearray()
        self.highest = 0
        self._listener = listener
        self._blocks = FieldBlocks()
        self._block: Block | None = None
        self._begun = self._opened = False
        self._streams_opened = self._resets = 0
        self._credit = 0
        self.frame = Frame(0, 0, 0, 0, b"")

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
        fault = Http2Fault(
            rule=error.rule, words=str(error), code=error.code, stream=frame.stream, span=frame.span, whole=True
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
            self._tell_reset(frame.stream, ErrorCode.STREAM_CLOSED, "http2-stream-ended", words)
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

    def _end(self, stream: Stream) -> None:
        """The client's last frame on a stream: is its content as long as it said?"""
        said, read = stream.content_length, stream.content_read
        if said is not None and said != read:
            words = f"content-length says {said}, and {read} octets of content came"
            self._reset(stream, ErrorCode.PROTOCOL_ERROR, "http2-content-length-mismatch", words)
        else:
            self._listener.ended(stream.id)

    def _rst_stream(self, frame: Frame) -> None:
        check_not_zero(frame)
        if self._known(frame) is not None:
            del self.streams[frame.stream]
            self._charge()
            self._listener.reset(frame.stream, int.from_bytes(frame.payload), None)

    def _headers(self, frame: Frame) -> None:
        check_not_zero(frame)
        piece = fragment(frame)
        stream = self.streams.get(frame.stream)
        if stream is not None and stream.ended:
            raise Violation("http2-stream-ended", f"HEADERS on stream {frame.stream}, which has ended")
        refused = False
        if stream is None:
            refused = self._open(frame.stream)
        self._block = Block(frame, piece, trailers=stream is not None, refused=refused)
        self._block_grown(self._block, frame)

    def _open(self, number: int) -> bool:
        """Open a stream; True where there are too many."""
        if number % 2 == 0:
            raise Violation(
                "http2-stream-number-invalid", f"stream {number} has an even number, which are the server's"
            )
        if number <= self.highest:
            words = f"HEADERS on stream {number}, behind stream {self.highest}: it is over, or was passed by"
            raise Violation("http2-stream-ended", words)
        refused = sum(not (stream.ended and stream.answered) for stream in self.streams.values()) >= MAX_STREAMS_AT_ONCE
        if not refused:
            if self._streams_opened >= _MAX_STREAMS:
                words = f"more than {_MAX_STREAMS} streams on one connection"
                raise Violation("http2-too-many-streams", words, _CALM)
            self.streams[number] = Stream(number, self.client_settings.initial_window)
            self._streams_opened += 1
        self.highest = number
        return refused

    def _continued(self, block: Block, frame: Frame) -> None:
        if block.continuations == _MAX_CONTINUATIONS:
            words = f"more than {_MAX_CONTINUATIONS} CONTINUATION frames behind one HEADERS"
            raise Violation("http2-continuation-flood", words, _CALM)
        block.continuations += 1
        block.data += frame.payload
        self._block_grown(block, frame)

    def _block_grown(self, block: Block, frame: Frame) -> None:
        if len(block.data) > _MAX_BLOCK:
            words = f"a field block of {len(block.data)} octets, and {_MAX_BLOCK} is the most"
            raise Violation("http2-field-block-too-large", words, _CALM)
        if frame.ends_block:
            self._block = None
            self._block_complete(block)

    def _block_complete(self, block: Block) -> None:
        try:
            fields, spans = self._blocks.read(block.data)
        except BrokenBlock as error:
            words = f"HPACK cannot read the field block: {error}"
            raise Violation("http2-hpack-broken", words, ErrorCode.COMPRESSION_ERROR) from None
        except LongList as error:
            raise Violation("http2-field-block-too-large", str(error), _CALM) from None
        places = block.places(spans)
        self._listener.block_read(block.stream, fields, places, trailers=block.trailers)
        stream = self.streams.get(block.stream)
        if block.refused:
            words = f"stream {block.stream} is one too many: {MAX_STREAMS_AT_ONCE} are open"
            self._tell_reset(block.stream, ErrorCode.REFUSED_STREAM, "http2-stream-refused", words)
        elif stream is not None:
            try:
                (self._trailers if block.trailers else self._head)(stream, block, fields)
            except FieldFault as error:
                span = places[error.index] if error.index is not None and places else block.frame.span
                self._reset(stream, ErrorCode.PROTOCOL_ERROR, error.rule, str(error), span)

    def _trailers(self, stream: Stream, block: Block, fields: Fields) -> None:
        if not block.ends_stream:
            raise FieldFault("http2-trailers-not-last", "a second HEADERS does not end the stream")
        read_trailers(fields)
        stream.ended = True
        self._end(stream)

    def _head(self, stream: Stream, block: Block, fields: Fields) -> None:
        request = read_request(fields)
        stream.content_length = request.content_length
        if block.ends_stream and request.content_length:
            words = f"content-length says {request.content_length}, and no content follows"
            raise FieldFault("http2-content-length-mismatch", words)
        stream.ended = block.ends_stream
        self._listener.request(stream.id, request, ended=block.ends_stream)

    # Streams that end before their time

    def _reset(self, stream: Stream, code: ErrorCode, rule: str, words: str, span: Span | None = None) -> None:
        del self.streams[stream.id]
        self._charge()
        self._tell_reset(stream.id, code, rule, words, span)

    def _tell_reset(self, number: int, code: ErrorCode, rule: str, words: str, span: Span | None = None) -> None:
        span = span or self.frame.span
        self.write(FrameType.RST_STREAM, 0, number, code.to_bytes(4))
        self._listener.reset(number, code, Http2Fault(rule=rule, words=words, code=code, stream=number, span=span))

    def _charge(self) -> None:
        self._resets += 1
        if self._resets > _MAX_RESETS:
            raise Violation("http2-too-many-resets", f"more than {_MAX_RESETS} streams are reset", _CALM)


_HANDLERS = {
    FrameType.SETTINGS: Engine._settings,
    FrameType.PING: Engine._ping,
    FrameType.GOAWAY: Engine._away,
    FrameType.WINDOW_UPDATE: Engine._window_update,
    FrameType.DATA: Engine._data,
    FrameType.RST_STREAM: Engine._rst_stream,
    FrameType.HEADERS: Engine._headers,
}
