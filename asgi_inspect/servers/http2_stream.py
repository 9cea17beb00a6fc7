"""One stream of an HTTP/2 connection, and both sides' windows (RFC 9113 §5.1 and §6.9), as zttp 0.0.35 keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..http2 import ErrorCode, Fields
from ..span import Span
from .http2_frames import Setting, settings_of

WINDOW = 65535
MAX_WINDOW = 2**31 - 1
# What the server grants again: once so much of a window was read, all of it.
GRANTED_AT = WINDOW // 2
_MAX_FRAME_SIZES = range(16384, 2**24)


class Violation(Exception):
    """A frame that breaks a rule; whether the stream or the connection ends is its reader's matter.

    `span` is the place in the frame, None where it is all of it.
    """

    def __init__(
        self, rule: str, words: str, code: ErrorCode = ErrorCode.PROTOCOL_ERROR, span: Span | None = None
    ) -> None:
        super().__init__(words)
        self.rule = rule
        self.code = code
        self.span = span


@dataclass(slots=True)
class Stream:
    """An open stream. `ended` tells that the client has sent its last frame, `answered` that the server has.

    `credit` counts octets read since the last WINDOW_UPDATE, `pending` is content that no window lets go yet;
    `trailers` stand behind it, None where there are none.
    """

    id: int
    send_window: int
    credit: int = 0
    ended: bool = False
    answered: bool = False
    content_length: int | None = None
    content_read: int = 0
    pending: bytearray = field(default_factory=bytearray)
    end_pending: bool = False
    trailers: Fields | None = None

    @property
    def done(self) -> bool:
        """Both sides have ended, and nothing waits to be sent."""
        return self.ended and self.answered and not self.pending and not self.end_pending

    def grant(self, increment: int) -> None:
        """The client's WINDOW_UPDATE. Raises Violation."""
        self.send_window = granted(self.send_window, increment, f"stream {self.id}")


def granted(window: int, increment: int, whose: str) -> int:
    """A window after a WINDOW_UPDATE. Raises Violation."""
    if increment == 0:
        raise Violation("http2-window-increment-zero", f"a WINDOW_UPDATE adds nothing to {whose}")
    if window + increment > MAX_WINDOW:
        words = f"a WINDOW_UPDATE takes {whose} to {window + increment}, beyond {MAX_WINDOW}"
        raise Violation("http2-window-overflow", words, ErrorCode.FLOW_CONTROL_ERROR)
    return window + increment


@dataclass(slots=True)
class ClientSettings:
    """What of the client's SETTINGS changes what this server does: little, it never sends frames over 16384 octets."""

    initial_window: int = WINDOW
    connect_protocol: bool = False

    def apply(self, payload: bytes) -> int:
        """Take a frame's settings; the change of INITIAL_WINDOW_SIZE. Raises Violation."""
        before = self.initial_window
        for identifier, value in settings_of(payload):
            if identifier == Setting.ENABLE_PUSH and value > 1:
                raise _invalid(Setting.ENABLE_PUSH, value)
            if identifier == Setting.INITIAL_WINDOW_SIZE:
                if value > MAX_WINDOW:
                    raise _invalid(Setting.INITIAL_WINDOW_SIZE, value, ErrorCode.FLOW_CONTROL_ERROR)
                self.initial_window = value
            if identifier == Setting.MAX_FRAME_SIZE and value not in _MAX_FRAME_SIZES:
                raise _invalid(Setting.MAX_FRAME_SIZE, value)
            if identifier == Setting.ENABLE_CONNECT_PROTOCOL:
                if value > 1 or (self.connect_protocol and not value):
                    raise _invalid(Setting.ENABLE_CONNECT_PROTOCOL, value)
                self.connect_protocol = bool(value)
        return self.initial_window - before


def _invalid(setting: Setting, value: int, code: ErrorCode = ErrorCode.PROTOCOL_ERROR) -> Violation:
    return Violation("http2-setting-invalid", f"SETTINGS_{setting.name} is {value}", code)
