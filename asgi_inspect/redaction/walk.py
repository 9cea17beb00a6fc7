"""Hide secrets in an exchange and in everything else that a report may show, whatever it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from ..asgi import MESSAGES, Message
from ..captures.capture import ClientConnection
from ..conversation import Conversation, FrameRecord
from ..events import RequestHead
from ..exchange import Exchange, Response
from ..http2 import Http2Connection, Http2Frame, Http2Stream
from ..recording import Call, Folded, Step
from ..span import Span
from .hiding import Hider
from .http2 import hide_http2, hide_payloads
from .streams import hide_message, hide_pieces

T = TypeVar("T")
_OURS = __name__.partition(".")[0] + "."
_DEEPEST = 50
_LARGEST = 10**19
# What decides how a report is drawn, and holds nothing of anybody's.
_KEPT_FIELDS = frozenset(
    {"tool", "server", "rule", "spec", "format", "mode", "opcode", "extension", "http_version", "type", "flags"}
)
_KEPT_KEYS = frozenset({"type", "asgi", "http_version", "method", "scheme"})
_KEPT_TYPES = frozenset({"http", "websocket", "lifespan", *MESSAGES})
_HASH_HIDDEN = "*" * 64  # of what holds a secret a hash would let one try guesses


class Hidden:
    """Stands for an application's own object: what it shows of itself, without secrets."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


class Walk:
    """Goes through an inspection; `connections` are the client's bytes with their secrets hidden, by number."""

    def __init__(self, hider: Hider, connections: Mapping[int, bytes]) -> None:
        self._hider = hider
        self._connections = connections
        self._handlers: dict[type, Any] = {
            Exchange: self._exchange,
            ClientConnection: self._client,
            Folded: self._folded,
            RequestHead: self._request,
            Conversation: self._conversation,
            Http2Connection: self._http2,
            Http2Stream: self._stream,
        }
        # Every stream of a connection holds the whole of it.
        self._http2_done: dict[int, tuple[Http2Connection, Http2Connection]] = {}
        self._frames_done: dict[int, tuple[Http2Frame, Http2Frame]] = {}

    def value(self, value: T) -> T:
        """The same with its secrets hidden; an object that is no plain value is told by its repr()."""
        return self._value(value, {}, 0)  # type: ignore[no-any-return]  # what comes out is what went in

    def _value(self, value: Any, seen: dict[int, Any], depth: int) -> Any:
        if value is None or isinstance(value, bool | float | Enum | Span):
            return value
        if handler := self._handlers.get(type(value)):
            return handler(value)
        if type(value).__module__.startswith(_OURS) and (is_dataclass(value) or hasattr(value, "_fields")):
            return self._record(value)
        try:
            return self._plain(value, seen, depth)
        except Exception:  # whatever an application's own class does when it is looked at
            return _stand_in(value, f"<{type(value).__name__}>")

    def _record(self, value: Any) -> Any:
        """One of our own dataclasses or named tuples."""
        names = getattr(value, "_fields", None) or [field.name for field in fields(value)]
        parts = {name: getattr(value, name) for name in names if name not in _KEPT_FIELDS}
        changes = {name: self.value(part) for name, part in parts.items() if not isinstance(part, int)}
        return value._replace(**changes) if hasattr(value, "_fields") else replace(value, **changes)

    def _plain(self, value: Any, seen: dict[int, Any], depth: int) -> Any:
        if isinstance(value, int):
            told = str(int(value)) if -_LARGEST < value < _LARGEST else ""
            return value if self._hider.string(told) == told else self._hider.string(told)
        if isinstance(value, str):
            text = str.__str__(value)
            return self._hider.string(text, self._hider.content if text[:1] in ("{", "[") else None)
        if isinstance(value, bytes | bytearray | memoryview):
            return self._hider.content(bytes(value))
        if id(value) in seen:
            return seen[id(value)]
        if depth < _DEEPEST and isinstance(value, Mapping):
            return self._dict(value, seen, depth)
        if depth < _DEEPEST and isinstance(value, list | tuple):
            return self._items(value, seen, depth)
        return _stand_in(value, self._hider.string(repr(value)))

    def _dict(self, value: Mapping[Any, Any], seen: dict[int, Any], depth: int) -> dict[Any, Any]:
        new = seen[id(value)] = {}
        for key, item in value.items():
            if key in _KEPT_KEYS and (key != "type" or item in _KEPT_TYPES):
                new[key] = item
                continue
            hidden = self._value(key, seen, depth + 1) if isinstance(key, str | bytes) else key
            while hidden != key and hidden in new:
                hidden += hidden[-1:]
            new[hidden] = self._keyed(key, item, seen, depth + 1)
        return new

    def _keyed(self, key: Any, item: Any, seen: dict[int, Any], depth: int) -> Any:
        if key == "query_string" and isinstance(item, bytes):
            return self._hider.query(item)
        if key == "raw_path" and isinstance(item, bytes):
            return self._hider.target(item)
        if isinstance(key, str | bytes) and key in self._hider.names:
            if type(item) is bytes:
                return self._hider.whole(item)
            if type(item) is str:
                return self._hider.string(item, self._hider.whole)
        return self._value(item, seen, depth)

    def _items(self, value: list[Any] | tuple[Any, ...], seen: dict[int, Any], depth: int) -> Any:
        if len(value) == 2 and isinstance(value[0], bytes) and isinstance(value[1], bytes):
            # Two secrets in a row look like a header too.
            hidden = (self._hider.text(value[0]), self._hider.field(value[0], value[1]))
            return list(hidden) if isinstance(value, list) else hidden
        if (
            len(value) == 2
            and isinstance(value[0], str)
            and isinstance(value[1], str)
            and value[0] in self._hider.names
        ):
            name = value[0].encode("utf-8", "surrogatepass")
            hidden_text = self._hider.string(value[1], lambda data: self._hider.field(name, data))
            told = (self._hider.string(value[0]), hidden_text)
            return list(told) if isinstance(value, list) else told
        if isinstance(value, tuple):
            return tuple(self._value(item, seen, depth + 1) for item in value)
        new: list[Any] = []
        seen[id(value)] = new
        new.extend(self._value(item, seen, depth + 1) for item in value)
        return new

    def _folded(self, value: Folded) -> Folded:
        return replace(value, head=self._hider.cut(self._hider.content(value.head)), sha256=_HASH_HIDDEN)

    def _client(self, client: ClientConnection) -> ClientConnection:
        responses = tuple(hide_message(self._hider, wire) for wire in client.responses)
        return replace(client, data=self._connections[client.number], responses=responses)

    def _request(self, head: RequestHead) -> RequestHead:
        return head._replace(target=self._hider.target(head.target), headers=self.value(head.headers))

    def _exchange(self, exchange: Exchange) -> Exchange:
        asked = _content(exchange.request.headers if exchange.request else ())
        answered = _content(exchange.response.headers if exchange.response else ())
        names = [field.name for field in fields(exchange) if field.name not in _EXCHANGE]
        http2 = exchange.http2 is not None
        return replace(
            exchange,
            data=self._connections[exchange.connection],
            receive=tuple(self._messages(exchange.receive, asked)),
            send=tuple(self._messages(exchange.send, answered)),
            steps=tuple(self._steps(exchange.steps, asked, answered, http2)),
            response=None
            if exchange.response is None
            else self._response(exchange.response, answered, exchange.http2 is not None),
            **{name: self.value(getattr(exchange, name)) for name in names},
        )

    def _response(self, response: Response, content: tuple[bytes, bytes], http2: bool) -> Response:
        (body,) = self._bodies([response.body], content)
        (wire,) = self._wires([response.wire], http2=http2)
        names = [field.name for field in fields(response) if field.name not in ("body", "wire", "by")]
        rest = {name: getattr(response, name) for name in names}
        changes = {name: self.value(part) for name, part in rest.items() if not isinstance(part, int)}
        return replace(response, body=body, wire=wire, **changes)

    def _messages(self, messages: Iterable[Message], content: tuple[bytes, bytes]) -> list[Any]:
        """Bodies are one body in pieces; everything else is told of each message."""
        messages = list(messages)
        bodies = self._bodies([message.get("body") for message in messages], content)
        hidden = [self.value({key: item for key, item in message.items() if key != "body"}) for message in messages]
        return [
            {key: body if key == "body" else new[key] for key in _keys(message, new)}
            for message, new, body in zip(messages, hidden, bodies, strict=True)
        ]

    def _steps(
        self, steps: tuple[Step, ...], asked: tuple[bytes, bytes], answered: tuple[bytes, bytes], http2: bool
    ) -> list[Step]:
        new = {number: self._record(step._replace(message=None, wire=b"")) for number, step in enumerate(steps)}
        for call, content in ((Call.RECEIVE, asked), (Call.SEND, answered)):
            numbers = [number for number, step in enumerate(steps) if step.call is call and step.message is not None]
            messages = self._messages([steps[number].message or {} for number in numbers], content)
            for number, message in zip(numbers, messages, strict=True):
                new[number] = new[number]._replace(message=message)
        wires = self._wires([step.wire for step in steps], http2=http2)
        return [new[number]._replace(wire=wire) for number, wire in enumerate(wires)]

    def _bodies(self, bodies: list[Any], content: tuple[bytes, bytes]) -> list[Any]:
        return self._joined(bodies, lambda data, cuts: self._hider.content(data, *content, cuts))

    def _wires(self, wires: list[Any], *, http2: bool) -> list[Any]:
        hide = hide_http2 if http2 else hide_message
        return self._joined(wires, lambda data, _cuts: hide(self._hider, data))

    def _joined(self, pieces: list[Any], hide: Any) -> list[Any]:
        """Bytes one after another are hidden together, up to one that was too long to keep.

        What follows that one may begin in the middle of a secret, and is hidden to its own end.
        """
        new = [self.value(piece) for piece in pieces]
        for place, numbers in enumerate(_runs(pieces)):
            contents = [_kept(pieces[number]) for number in numbers]
            hidden = list(hide_pieces(contents, self._hider.behind_a_gap if place else hide))
            if place:
                hidden[0] = self._hider.unseen(hidden[0])
            for number, piece in zip(numbers, hidden, strict=True):
                cut = isinstance(pieces[number], Folded)
                new[number] = replace(new[number], head=self._hider.cut(piece)) if cut else piece
        return new

    def _http2(self, connection: Http2Connection) -> Http2Connection:
        """One HTTP/2 connection, once; the octets of its frames are hidden as those of its bytes are."""
        if id(connection) not in self._http2_done:
            payloads = hide_payloads(self._hider, connection.frames)
            for number, frame in enumerate(connection.frames):
                self._frames_done[id(frame)] = (frame, self._frame(frame, payloads[number]))
            (wire,) = self._wires([connection.wire], http2=True)
            frames = tuple(self._frames_done[id(frame)][1] for frame in connection.frames)
            rest = self._record(replace(connection, frames=(), wire=b""))
            self._http2_done[id(connection)] = (connection, replace(rest, frames=frames, wire=wire))
        return self._http2_done[id(connection)][1]

    def _frame(self, frame: Http2Frame, payload: bytes | None) -> Http2Frame:
        rest: Http2Frame = self._record(replace(frame, data=b""))
        if payload is None:
            return replace(rest, data=self.value(frame.data))
        data = frame.data
        return replace(rest, data=replace(self._folded(data), head=payload) if isinstance(data, Folded) else payload)

    def _stream(self, stream: Http2Stream) -> Http2Stream:
        connection = self._http2(stream.connection)
        payloads = hide_payloads(self._hider, stream.frames)
        frames = tuple(
            self._frames_done[id(frame)][1] if id(frame) in self._frames_done else self._frame(frame, payloads[number])
            for number, frame in enumerate(stream.frames)
        )
        rest: Http2Stream = self._record(replace(stream, frames=()))
        return replace(rest, connection=connection, frames=frames)

    def _conversation(self, talk: Conversation) -> Conversation:
        """The frames of a message are one content in pieces."""
        frames: list[FrameRecord] = list(talk.frames)
        for by_client in (True, False):
            pieces: list[int] = []
            for number, frame in enumerate(frames):
                if frame.by_client is not by_client:
                    continue
                control = frame.opcode in ("close", "ping", "pong")
                pieces = pieces if control else [*pieces, number]
                numbers = [number] if control else pieces
                if control or frame.final or number == len(frames) - 1:
                    data = self._bodies([frames[one].data for one in numbers], (b"", b""))
                    for one, piece in zip(numbers, data, strict=True):
                        frames[one] = replace(frames[one], data=piece)
                    pieces = pieces if control else []
        hidden: Conversation = self._record(replace(talk, frames=()))
        return replace(
            hidden,
            frames=tuple(self._record(frame) for frame in frames),
            refusal=hide_message(self._hider, talk.refusal),
        )


_EXCHANGE = frozenset({"data", "receive", "send", "steps", "response"})


def _runs(pieces: list[Any]) -> list[list[int]]:
    """The numbers of the pieces that follow each other without a gap: a folded one is the last of its run."""
    runs: list[list[int]] = [[]]
    for number, piece in enumerate(pieces):
        if isinstance(piece, bytes | Folded):
            runs[-1].append(number)
        if isinstance(piece, Folded):
            runs.append([])
    return [run for run in runs if run]


def _kept(piece: bytes | Folded) -> bytes:
    return piece.head if isinstance(piece, Folded) else piece


def _keys(message: Message, hidden: Mapping[str, Any]) -> list[str]:
    """The keys of a message in their order, as they are called now."""
    names = iter(hidden)
    return ["body" if key == "body" else next(names) for key in message]


def _content(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    """Content-Type and Content-Encoding."""
    found = {name.lower(): value for name, value in headers}
    return found.get(b"content-type", b""), found.get(b"content-encoding", b"")


def _stand_in(value: object, text: str) -> Any:
    return type(type(value).__name__, (Hidden,), {"__slots__": ()})(text)
