"""Faults of Content-Length (RFC 9110 §8.6, RFC 9112 §6.2): where two readers could end a body differently."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..servers.provenance import Field
from ..span import Span
from .rule import Fault, Place, byte_name, shown
from .wire import Wire

_BAD = r"bad Content-Length"
_CHARACTER = r"Invalid character in Content-Length"
_SIGNED = re.compile(rb"[+-][0-9]+")
_HEX = re.compile(rb"0[xX][0-9A-Fa-f]+")
_DIGITS = re.compile(rb"[0-9]+")
_NOT_DIGIT = re.compile(rb"[^0-9]")
_H11_DIGITS = 20
_HTTPTOOLS_LIMIT = b"18446744073709551615"
_OTHER_END = "a proxy that reads another length takes the rest of the body for the next request"


@Fault(
    id="content-length-conflicting",
    summary="two lengths that disagree",
    spec="RFC 9112 §6.3",
    help="send one Content-Length",
    h11=r"conflicting Content-Length",
    httptools=rf"Duplicate Content-Length|{_CHARACTER}",
    risk=_OTHER_END,
    smuggling=True,
)
def content_length_conflicting(wire: Wire) -> Iterator[Place]:
    """An unrecoverable error, in two fields or in one list."""
    fields = _fields(wire)
    values = [wire.value(field) for field in fields]
    for field, value in zip(fields, values, strict=True):
        if b"," in value and len({item.strip() for item in value.split(b",")}) > 1:
            message = f"Content-Length lists lengths that disagree: {shown(value)}"
            yield Place(span=field.value, message=message, label="more than one length")
    for field, value in zip(fields[1:], values[1:], strict=True):
        if value != values[0]:
            message = f"two Content-Length fields disagree: {shown(values[0])} and {shown(value)}"
            yield Place(span=field.value, message=message, label=f"the first one says {shown(values[0])}")


@Fault(
    id="content-length-repeated",
    summary="the same Content-Length twice",
    spec="RFC 9112 §6.3",
    help="send it once",
    httptools=r"Duplicate Content-Length",
    taken={"h11": "it keeps one of them"},
    risk="who forwards both lets the next reader choose",
    smuggling=True,
)
def content_length_repeated(wire: Wire) -> Iterator[Place]:
    """A recipient may refuse it, or take the one value."""
    fields = _fields(wire)
    values = [wire.value(field) for field in fields]
    if len(values) > 1 and len(set(values)) == 1:
        span = Span(fields[1].name.start, fields[1].value.end)
        yield Place(span=span, message=f"Content-Length {shown(values[0])} is there twice", label="the second one")


@Fault(
    id="content-length-list",
    summary="one Content-Length with a list of equal lengths",
    spec="RFC 9112 §6.3",
    help="send one number",
    httptools=_CHARACTER,
    taken={"h11": "it keeps one of them"},
    risk="a reader that stops at the comma, or takes the list for no number, ends the body elsewhere",
    smuggling=True,
)
def content_length_list(wire: Wire) -> Iterator[Place]:
    """What merging two equal fields leaves behind."""
    for field in _fields(wire):
        value = wire.value(field)
        if b"," in value and len({item.strip() for item in value.split(b",")}) == 1:
            yield Place(
                span=wire.part(field, value.index(b",")),
                message=f"Content-Length is a list: {shown(value)}",
                label="only one number may stand here",
            )


@Fault(
    id="content-length-signed",
    summary="a Content-Length with a sign",
    spec="RFC 9110 §8.6",
    help="write digits only",
    h11=_BAD,
    httptools=_CHARACTER,
    risk="a reader that takes the sign for part of a number reads a body where others refuse",
    smuggling=True,
)
def content_length_signed(wire: Wire) -> Iterator[Place]:
    """int("+5") is 5 in many languages, which is why it is refused here."""
    for field in _fields(wire):
        if _SIGNED.fullmatch(wire.value(field)):
            message = f"Content-Length {shown(wire.value(field))} has a sign"
            yield Place(span=wire.part(field, 0, 1), message=message, label="no digit", sure=wire.finished(field.value))


@Fault(
    id="content-length-hex",
    summary="a Content-Length in hexadecimal",
    spec="RFC 9110 §8.6",
    help="write it in decimal",
    h11=_BAD,
    httptools=_CHARACTER,
    risk="a reader that stops at the x sees a length of 0",
    smuggling=True,
)
def content_length_hex(wire: Wire) -> Iterator[Place]:
    """Only chunk sizes are hexadecimal."""
    for field in _fields(wire):
        value = wire.value(field)
        if _HEX.fullmatch(value):
            label = f"{int(value[:40], 16):,} in decimal" if len(value) <= 18 else "not decimal"
            yield Place(span=field.value, message=f"Content-Length {shown(value)} is hexadecimal", label=label)


@Fault(
    id="content-length-not-a-number",
    summary="a Content-Length that is no number",
    spec="RFC 9110 §8.6",
    help="send the number of bytes in the body, in digits",
    h11=_BAD,
    httptools=_CHARACTER,
    risk="a reader that takes the digits in front reads a body where others refuse",
    smuggling=True,
)
def content_length_not_a_number(wire: Wire) -> Iterator[Place]:
    """Anything but digits that is not a sign, a list or hexadecimal."""
    for field in _fields(wire):
        value = wire.value(field)
        if _SIGNED.fullmatch(value) or _HEX.fullmatch(value) or b"," in value:
            continue
        if found := _NOT_DIGIT.search(value):
            span = wire.part(field, found.start(), found.end())
            label = f"{byte_name(found.group()[0])} is no digit"
            yield Place(span=span, message=f"Content-Length {shown(value)} is no number", label=label)


@Fault(
    id="content-length-empty",
    summary="a Content-Length without a value",
    spec="RFC 9110 §8.6",
    help="send the number of bytes in the body, 0 for none",
    h11=_BAD,
    httptools=r"Empty Content-Length",
    risk="a reader that takes it for 0 reads the body as the next request",
    smuggling=True,
)
def content_length_empty(wire: Wire) -> Iterator[Place]:
    """One digit at least."""
    for field in _fields(wire):
        if not wire.value(field):
            message, done = "Content-Length has no value", wire.head.complete
            yield Place(span=field.name, message=message, label="no number", reach=wire.head.span, sure=done)


@Fault(
    id="content-length-too-big",
    summary="a Content-Length of more digits than a parser takes",
    spec="RFC 9110 §8.6",
    help="no body is that long; leading zeros count too for h11",
    h11=_BAD,
    httptools=r"Content-Length overflow",
    taken={"h11": "up to 20 digits are fine, whatever they say", "httptools": "leading zeros do not count"},
    risk="where the number wraps around in another program, the body ends elsewhere",
    smuggling=True,
)
def content_length_too_big(wire: Wire) -> Iterator[Place]:
    """h11 counts digits (20), httptools the value (64 bits)."""
    for field in _fields(wire):
        value = wire.value(field)
        digits = _DIGITS.match(value)
        length = digits.end() if digits else 0
        number = value[:length].lstrip(b"0")
        overflows = len(number) > _H11_DIGITS or (len(number) == _H11_DIGITS and number > _HTTPTOOLS_LIMIT)
        if overflows or length > _H11_DIGITS:
            taken_by = ("h11",) if length <= _H11_DIGITS else () if overflows else ("httptools",)
            label = f"{length} digits" if not overflows else "more than 2**64 - 1"
            message = f"Content-Length {shown(value)} is too big a number"
            yield Place(span=field.value, message=message, label=label, taken_by=taken_by)


@Fault(
    id="content-length-with-transfer-encoding",
    summary="Content-Length and Transfer-Encoding in one request",
    spec="RFC 9112 §6.1, §6.3",
    help="send one of them: Transfer-Encoding where the length is not known",
    httptools=r"can't be present with",
    taken={"h11": "it reads chunks; both fields are in the scope's headers"},
    risk="a proxy that goes by the other field ends the body elsewhere, and takes the rest for the next request",
    smuggling=True,
)
def content_length_with_transfer_encoding(wire: Wire) -> Iterator[Place]:
    """The classic of request smuggling."""
    lengths, codings = wire.named(b"content-length"), wire.named(b"transfer-encoding")
    if lengths and codings:
        second = max(lengths[0], codings[0], key=lambda field: field.name.start)
        length, coding = shown(wire.value(lengths[0])), shown(wire.value(codings[0]))
        yield Place(
            span=Span(second.name.start, second.value.end),
            message=f"Content-Length {length} and Transfer-Encoding {coding} both frame this body",
            label="a second way to end the body",
        )


def _fields(wire: Wire) -> list[Field]:
    return wire.named(b"content-length")


RULES = (
    content_length_conflicting,
    content_length_repeated,
    content_length_list,
    content_length_signed,
    content_length_hex,
    content_length_not_a_number,
    content_length_empty,
    content_length_too_big,
    content_length_with_transfer_encoding,
)
