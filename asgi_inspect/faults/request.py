"""What the rules are given: a request's bytes, and what each parser made of them."""

from __future__ import annotations

from dataclasses import dataclass

from ..servers.provenance import Body, HeadMap, map_body, map_head


@dataclass(slots=True, kw_only=True)
class Reading:
    """What one parser made of a request: `verdict` is "accepted", "rejected" or "incomplete".

    `words` are the parser's own where it refused. `head_done` tells that the application was called.
    """

    parser: str
    verdict: str
    words: str = ""
    head_done: bool = False

    @property
    def called(self) -> bool:
        """Whether the application was called."""
        return self.head_done or self.verdict == "accepted"


@dataclass(slots=True, kw_only=True, eq=False)
class Request:
    """One request as the server found it in `data`, all bytes of connection `connection`.

    It begins at `start`, and `end` is the offset behind it; `content_length` counts the bytes of content
    that the parser gave, None where it got no head. `chosen` is the reading that counts, `other` that of
    the other parser where it was run and looked at the same place.
    """

    data: bytes
    start: int
    end: int
    content_length: int | None = None
    connection: int = 1
    exchange: int = 1
    chosen: Reading
    other: Reading | None = None

    # Mapped when asked for: most requests have nothing odd about them, and need neither.

    @property
    def head(self) -> HeadMap:
        """The lines of the head."""
        return map_head(self.data, self.start)

    @property
    def body(self) -> Body:
        """Where the body ends, and the trailers."""
        length = self.content_length
        return Body(end=None) if length is None else map_body(self.data, self.head, length)

    @property
    def accepted(self) -> bool:
        """Whether all readings take it."""
        return self.chosen.verdict == "accepted" and (self.other is None or self.other.verdict == "accepted")

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings there are, the chosen one first."""
        return (self.chosen,) if self.other is None else (self.chosen, self.other)
