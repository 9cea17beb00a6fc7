"""Hide secrets in bytes and strings: each byte of one becomes `*`, so that lengths and offsets stay true."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import pairwise

from ..span import Span
from .content import decoded, form_spans, json_numbers, json_spans, looks_like_json, multipart_spans
from .fields import COOKIES, CREDENTIALS, SET_COOKIE, cookie_spans, credentials_span, set_cookie_spans
from .names import Names
from .needles import Needles
from .text import text_spans

_NOT_LINE_ENDS = re.compile(rb"[^\r\n]")
# What a message is cut apart by; whoever has such a secret has chosen badly.
_FRAMING = frozenset(
    {b"connection", b"content-encoding", b"content-length", b"expect", b"transfer-encoding", b"upgrade"}
    | {b"sec-websocket-key", b"sec-websocket-accept", b"sec-websocket-extensions", b"sec-websocket-version"}
)
_FORM_WITHOUT_TYPE = re.compile(rb"[\w.%\[\]-]{1,100}=\S*\s*")


def mask(data: bytes, spans: Iterable[Span]) -> bytes:
    """`data` with the spans hidden; line ends stay, so that lines are counted as before."""
    changed: bytearray | None = None
    for span in spans:
        changed = bytearray(data) if changed is None else changed
        changed[span.start : span.end] = _NOT_LINE_ENDS.sub(b"*", data[span.start : span.end])
    return data if changed is None else bytes(changed)


class Hider:
    """Hides what stands under a secret name, and `secrets` wherever they are; `found` collects the values met."""

    def __init__(self, names: Names, secrets: Iterable[bytes] = ()) -> None:
        self.names = names
        self.found: set[bytes] = set()
        self._needles = Needles(secrets)

    def _hide(self, data: bytes, spans: Iterable[Span], cuts: Iterable[int] = ()) -> bytes:
        """`cuts` are the offsets at which `data` came in pieces: each piece of a secret is one too."""
        named = list(spans)
        for span in named:
            places = [span.start, *(cut for cut in cuts if span.start < cut < span.end), span.end]
            self.found |= {span.of(data), *(data[a:b] for a, b in pairwise(places))}
        return mask(data, [*named, *self._needles.spans(data)])

    def whole(self, data: bytes) -> bytes:
        """A value that is a secret by its name."""
        return self._hide(data, [Span(0, len(data))])

    def text(self, data: bytes) -> bytes:
        """Running text."""
        return self._hide(data, text_spans(data, self.names))

    def query(self, data: bytes) -> bytes:
        """What follows the `?`."""
        return self._hide(data, [*form_spans(data, self.names), *text_spans(data, self.names)])

    def target(self, data: bytes) -> bytes:
        """A request target, in any form."""
        path, mark, query = data.partition(b"?")
        return self.text(path) + mark + self.query(query)

    def field(self, name: bytes, value: bytes) -> bytes:
        """A header's value; a scheme and the names of cookies stay, and what a message is framed by."""
        lowered = name.lower()
        if lowered in _FRAMING:
            return value
        if lowered in CREDENTIALS:
            return self._credentials(value)
        if lowered in COOKIES:
            return self._hide(value, cookie_spans(value))
        if lowered in SET_COOKIE:
            return self._hide(value, set_cookie_spans(value))
        return self.whole(value) if lowered in self.names else self.text(value)

    def _credentials(self, value: bytes) -> bytes:
        span = credentials_span(value)
        if value[: span.start].strip().lower() == b"basic":
            with suppress(ValueError):
                pair = b64decode(b"".join(span.of(value).split()) + b"==")
                self.found |= {pair, pair.partition(b":")[2]}
        return self._hide(value, [span])

    def content(self, data: bytes, type_: bytes = b"", encoding: bytes = b"", cuts: Iterable[int] = ()) -> bytes:
        """A body. One that is compressed is hidden whole if there is a secret in it."""
        plain = decoded(data, encoding) if encoding and data else None
        if plain is not None:
            return data if self.content(plain, type_) == plain else self.whole(data)
        is_json = looks_like_json(data, type_)
        spans = [*text_spans(data, self.names), *(json_spans(data, self.names) if is_json else ())]
        if b"x-www-form-urlencoded" in type_.lower() or _FORM_WITHOUT_TYPE.fullmatch(data):
            spans += form_spans(data, self.names)
        if b"multipart/" in type_.lower() or data.startswith(b"--"):
            spans += multipart_spans(data, self.names, type_)
        hidden = self._hide(data, spans, cuts)
        return _still_json(data, hidden) if is_json and hidden != data else hidden

    def behind_a_gap(self, data: bytes, cuts: Iterable[int]) -> bytes:
        """Bytes of a body, or of the wire, whose beginning was not kept."""
        return self.content(data, cuts=cuts)

    def unseen(self, data: bytes) -> bytes:
        """What may be the end of a secret."""
        return mask(data, [Span(0, len(data))]) if self._needles else data

    def cut(self, data: bytes) -> bytes:
        """What may end with the beginning of a secret."""
        return mask(data, [self._needles.at_the_end(data)])

    def string(self, text: str, hide: Callable[[bytes], bytes] | None = None) -> str:
        """A string, as running text or by `hide`; each character of a secret becomes one `*`."""
        data = text.encode("utf-8", "surrogatepass")
        hidden = (hide or self.text)(data)
        if hidden == data:
            return text
        return hidden.decode() if text.isascii() else "".join(_characters(text, hidden))


def _still_json(data: bytes, hidden: bytes) -> bytes:
    """A number that was hidden becomes a string of the same length, a single digit becomes 0."""
    changed = bytearray(hidden)
    for start, end in json_numbers(data):
        if hidden[start:end] != data[start:end]:
            changed[start:end] = b'"' + b"*" * (end - start - 2) + b'"' if end - start > 1 else b"0"
    return bytes(changed)


def _characters(text: str, hidden: bytes) -> Iterator[str]:
    position = 0
    for character in text:
        data = character.encode("utf-8", "surrogatepass")
        there = hidden[position : position + len(data)]
        yield character if there == data else chr(there[0])
        position += len(data)
