"""What a connection shares with whoever plays its client and calls the application, in HTTP or over a WebSocket."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from ..asgi import Message, Scope
from ..events import RequestHead
from ..recording import Outcome
from ..span import Span
from .uvicorn_scope import Settings

if TYPE_CHECKING:
    from ..conversation import Conversation


class Event(Protocol):
    """The part of asyncio.Event that the server uses."""

    def set(self) -> None: ...
    def clear(self) -> None: ...
    def is_set(self) -> bool: ...


class Configured(Protocol):
    """A connection, as far as a call of the application needs it."""

    @property
    def settings(self) -> Settings: ...


class Called(Protocol):
    """One call of the application. `wire` is told every byte that goes to the client for it, `content`
    the content of an HTTP response before framing."""

    number: int
    body_length: int
    request_ended: bool
    finished: bool
    disconnected: bool
    wire: Callable[[bytes], None]
    content: Callable[[bytes], None]

    @property
    def connection(self) -> Configured: ...
    @property
    def head(self) -> RequestHead: ...
    @property
    def scope(self) -> Scope: ...
    @property
    def message_event(self) -> Event: ...
    @property
    def failed(self) -> bool: ...
    @property
    def response_started(self) -> bool: ...
    @property
    def response_complete(self) -> bool: ...

    def begin_receive(self) -> bool:
        """Ask for a message; True where `message_event` must be awaited (and cleared) first."""

    def still_waits(self) -> bool:
        """After the wait: whether to wait again."""

    def stop_waiting(self, event: Event) -> None:
        """The wait for `event` was cut: the application cancelled its receive()."""

    def end_receive(self) -> dict[str, Any]:
        """The message."""

    def send(self, message: Message) -> None:
        """Put one message on the wire. Raises what the server raises, with its words."""

    def returned(self, result: object) -> None:
        """The application returned."""

    def raised(self) -> None:
        """The application raised."""

    def forgives(self, error: BaseException) -> bool:
        """Whether the server takes what the application raised for a normal end."""

    def outcome(self) -> Outcome:
        """How a call that the client did not have to give up ended."""


class Upgraded(Protocol):
    """What took a connection over from HTTP. `handshake_end` is the offset behind its request."""

    handshake_end: int
    lost: Span | None

    @property
    def head(self) -> RequestHead: ...
    @property
    def started(self) -> bool: ...
    @property
    def close_wanted(self) -> int | None:
        """The code of the server's close frame, as long as the client's is awaited."""

    @property
    def takes_frames(self) -> bool:
        """Whether a client would send frames by now: it waits for the answer to its handshake."""

    def open(self) -> None:
        """Answer the handshake, or start the application's call that will."""

    def receive_data(self, data: bytes, start: int | None) -> None:
        """One read; `start` is where it stands in the capture, None where it does not."""

    def connection_lost(self, error: BaseException | None) -> None:
        """The socket is gone."""

    def conversation(self) -> Conversation:
        """What was said."""
