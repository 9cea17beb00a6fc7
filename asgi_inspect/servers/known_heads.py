"""Where the parts of a request stand, found once for heads that come again.

A client repeats itself: of ten thousand heads most are the same, or differ in their request line alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..asgi import Scope
from ..events import RequestHead
from ..span import Span
from .provenance import HeadMap, Provenance, line_spans, map_body, map_head, provenance, split_request_line

_KEPT = 256
_LONGEST_KEPT = 2048
_known: dict[bytes, tuple[object, Provenance, int]] = {}  # by a head's bytes: what it became, its spans, its start
_fields: dict[bytes, tuple[object, list[Any], int]] = {}  # the same by the bytes of its field lines


class Placed(NamedTuple):
    """Spans that are to be moved by so many bytes."""

    spans: Provenance
    by: int

    def moved(self) -> Provenance:
        """The spans where they are, in containers of their own."""
        return _moved(self.spans, self.by)


def provenance_at(data: bytes, start: int, length: int, head: RequestHead, scope: Scope, root_path: str) -> Placed:
    """The provenance of the request at `start`, which has `length` bytes of content.

    A head that has been seen to become the same is not split again, its spans are moved; where only the request
    line is another one, those of the fields are.
    """
    end = data.find(b"\r\n\r\n", start, start + _LONGEST_KEPT)
    key = data[start:end] if end > start else b""
    became = (head[:3], scope["type"], scope["raw_path"], scope["query_string"], scope["headers"], root_path)
    known = _known.get(key)
    if known is not None and known[0] == became:
        return Placed(known[1], start - known[2])
    behind = data.find(b"\n", start, end) + 1 if key else 0
    spans = _with_known_fields(data, start, behind, end, head, scope, root_path) if behind else None
    if spans is None:
        map_ = map_head(data, start)
        body = map_body(data, map_, length)
        spans = provenance(data, map_, body, head, scope, root_path)
        if body.trailers or "headers" not in spans:
            return Placed(spans, 0)
        if behind and b"transfer-encoding" not in key.lower():  # whose trailers may be among the headers
            keep(_fields, key[behind - start :], (list(scope["headers"]), spans["headers"], behind))
    if key:
        keep(_known, key, ((*became[:4], list(became[4]), root_path), spans, start))
    return Placed(spans, 0)


def keep(known: dict[Any, Any], key: Any, value: Any) -> None:
    """Remember it in `known`, which starts anew when it is full."""
    if len(known) >= _KEPT:
        known.clear()
    known[key] = value


def _with_known_fields(
    data: bytes, start: int, behind: int, end: int, head: RequestHead, scope: Scope, root_path: str
) -> Provenance | None:
    """The spans of a head whose field lines, from `behind` its first line to `end`, were met before; else None."""
    known = _fields.get(data[behind:end])
    if known is None or known[0] != scope["headers"]:
        return None
    line = HeadMap(span=Span(start, end), complete=True)
    split_request_line(data, line, Span(start, start + len(data[start:behind].rstrip(b"\r\n"))))
    spans = line_spans(data, line, head, scope, root_path)
    return None if spans is None else {**spans, "headers": _moved_pairs(known[1], behind - known[2])}


def _moved(spans: Provenance, by: int) -> Provenance:
    """Each span so many bytes further on."""
    moved: Provenance = {key: Span(span[0] + by, span[1] + by) for key, span in spans.items() if key != "headers"}
    if "headers" in spans:
        moved["headers"] = _moved_pairs(spans["headers"], by)
    return moved


def _moved_pairs(pairs: list[Any], by: int) -> list[Any]:
    return [tuple([None if span is None else Span(span[0] + by, span[1] + by) for span in pair]) for pair in pairs]
