"""Where streams begin and how they end (RFC 9113 §4.3, §5.1 and §8.1), as zttp 0.0.35 has it.

A field block comes whole before anything else is read; it opens a stream, or ends one with trailers. What is
malformed is reset, and every limit on streams, resets and blocks is here.
"""

from __future__ import annotations

from typing import Final

from ..http2 import ErrorCode, Fields, Http2Fault
from ..span import Span
from .http2_frames import Frame, FrameType
from .http2_hpack import BrokenBlock, FieldBlocks, LongList
from .http2_listener import Block, Listener
from .http2_payload import check_not_zero, fragment
from .http2_request import FieldFault, read_request, read_trailers
from .http2_sending import Sender
from .http2_stream import Stream, Violation

MAX_STREAMS_AT_ONCE = 128
_MAX_STREAMS = 4096
_MAX_RESETS = 256
_MAX_BLOCK = 65536
_MAX_CONTINUATIONS = 16
_CALM: Final = ErrorCode.ENHANCE_YOUR_CALM


class Heads(Sender):
    """The streams of one connection. `highest` is the last that was opened, `frame` the frame that was read last."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self.highest = 0
        self.frame = Frame(0, 0, 0, 0, b"")
        self._listener = listener
        self._blocks = FieldBlocks()
        self._block: Block | None = None
        self._streams_opened = self._resets = 0

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
            words = f"stream {number} has an even number, which are the server's"
            raise Violation("http2-stream-number-invalid", words)
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
            span = block.rest(error.offset)
            raise Violation("http2-hpack-broken", words, ErrorCode.COMPRESSION_ERROR, span) from None
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

    # How streams end

    def _end(self, stream: Stream) -> None:
        """The client's last frame on a stream: is its content as long as it said?"""
        said, read = stream.content_length, stream.content_read
        if said is not None and said != read:
            words = f"content-length says {said}, and {read} octets of content came"
            self._reset(stream, ErrorCode.PROTOCOL_ERROR, "http2-content-length-mismatch", words)
        else:
            self._listener.ended(stream.id)

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
