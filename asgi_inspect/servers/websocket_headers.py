"""Header fields of a WebSocket handshake as the websockets package keeps and reads them.

Laid out to be read beside headers.py and datastructures.py of websockets 17.4: its words stand in
the refusals that go to the client, so they are the same here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Parameter = tuple[str, str | None]

_VALUE = re.compile(r"[\x09\x20-\x7e\x80-\xff]*")
_OWS = re.compile(r"[\t ]*")
_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_PROTOCOL = re.compile(rf"{_TOKEN.pattern}(?:/{_TOKEN.pattern})?")
_QUOTED = re.compile(r'"(?:[\x09\x20-\x21\x23-\x5b\x5d-\x7e]|\\[\x09\x20-\x7e\x80-\xff])*"')
_ESCAPED = re.compile(r"\\([\x09\x20-\x7e\x80-\xff])")


class InvalidHandshake(Exception):
    """The request cannot open a WebSocket."""


class InvalidHeader(InvalidHandshake):
    """A field that is missing or wrong; `value` is None where it is missing."""

    def __init__(self, name: str, value: str | None = None) -> None:
        super().__init__(name, value)
        self.name = name
        self.value = value

    def __str__(self) -> str:
        if self.value is None:
            return f"missing {self.name} header"
        if self.value == "":
            return f"empty {self.name} header"
        return f"invalid {self.name} header: {self.value}"


class InvalidHeaderFormat(InvalidHeader):
    """A field that breaks its grammar."""

    def __init__(self, name: str, error: str, header: str, position: int) -> None:
        super().__init__(name, f"{error} at {position} in {header}")


class InvalidHeaderValue(InvalidHeader):
    """A field whose value cannot be used."""


class InvalidUpgrade(InvalidHeader):
    """Upgrade or Connection do not ask for a WebSocket."""


class MultipleValuesError(LookupError):
    """A field that may stand once stands twice."""

    def __str__(self) -> str:
        return repr(self.args[0])


class Headers:
    """Fields in their order; reading one that stands twice is an error, setting one adds it."""

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self.fields: list[tuple[str, str]] = []
        self.update(fields)

    def all(self, name: str) -> list[str]:
        """Every value of `name`."""
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def __getitem__(self, name: str) -> str:
        values = self.all(name)
        if not values:
            raise KeyError(name.lower())
        if len(values) > 1:
            raise MultipleValuesError(name)
        return values[0]

    def __setitem__(self, name: str, value: str) -> None:
        if not _VALUE.fullmatch(str(value)):
            raise InvalidHeaderValue(name, value)
        self.fields.append((name, value))

    def __delitem__(self, name: str) -> None:
        if not self.all(name):
            raise KeyError(name.lower())
        self.fields = [(key, value) for key, value in self.fields if key.lower() != name.lower()]

    def update(self, fields: Iterable[tuple[str, str]]) -> None:
        """Add `fields`; those before a wrong one stay added."""
        for name, value in fields:
            self[name] = value

    def setdefault(self, name: str, value: str) -> None:
        """Add the field where there is none."""
        try:
            self[name]
        except KeyError:
            self[name] = value

    def serialize(self) -> bytes:
        """As on the wire, the empty line included."""
        return "".join(f"{name}: {value}\r\n" for name, value in self.fields).encode("iso-8859-1") + b"\r\n"


Parse = Callable[[str, int, str], tuple[Item, int]]


def connection_options(value: str) -> list[str]:
    """RFC 9110 §7.6.1."""
    return _list(_token, value, "Connection")


def upgrade_protocols(value: str) -> list[str]:
    """RFC 9110 §7.8."""
    return _list(_protocol, value, "Upgrade")


def subprotocols(value: str) -> list[str]:
    """RFC 6455 §4.3."""
    return _list(_token, value, "Sec-WebSocket-Protocol")


def extensions(value: str) -> list[tuple[str, list[Parameter]]]:
    """RFC 6455 §9.1: each extension with its parameters; None for one without a value."""
    return _list(_extension, value, "Sec-WebSocket-Extensions")


def _list(item: Parse[Item], text: str, name: str) -> list[Item]:
    position = _commas(text, 0)
    items: list[Item] = []
    while True:
        found, position = item(text, position, name)
        items.append(found)
        position = _blank(text, position)
        if position == len(text):
            return items
        if text[position] != ",":
            raise InvalidHeaderFormat(name, "expected comma", text, position)
        position = _commas(text, position)
        if position == len(text):
            return items


def _commas(text: str, position: int) -> int:
    while text[position : position + 1] == ",":
        position = _blank(text, position + 1)
    return position


def _blank(text: str, position: int) -> int:
    found = _OWS.match(text, position)
    assert found is not None
    return found.end()


def _token(text: str, position: int, name: str) -> tuple[str, int]:
    return _match(_TOKEN, "token", text, position, name)


def _protocol(text: str, position: int, name: str) -> tuple[str, int]:
    return _match(_PROTOCOL, "protocol", text, position, name)


def _match(pattern: re.Pattern[str], kind: str, text: str, position: int, name: str) -> tuple[str, int]:
    found = pattern.match(text, position)
    if found is None:
        raise InvalidHeaderFormat(name, f"expected {kind}", text, position)
    return found.group(), found.end()


def _extension(text: str, position: int, name: str) -> tuple[tuple[str, list[Parameter]], int]:
    extension, position = _token(text, position, name)
    position = _blank(text, position)
    parameters: list[Parameter] = []
    while text[position : position + 1] == ";":
        parameter, position = _parameter(text, _blank(text, position + 1), name)
        parameters.append(parameter)
    return (extension, parameters), position


def _parameter(text: str, position: int, name: str) -> tuple[Parameter, int]:
    key, position = _token(text, position, name)
    position = _blank(text, position)
    if text[position : position + 1] != "=":
        return (key, None), position
    position = _blank(text, position + 1)
    value, end = (_quoted if text[position : position + 1] == '"' else _token)(text, position, name)
    return (key, value), _blank(text, end)


def _quoted(text: str, position: int, name: str) -> tuple[str, int]:
    found, end = _match(_QUOTED, "quoted string", text, position, name)
    value = _ESCAPED.sub(r"\1", found[1:-1])
    if _TOKEN.fullmatch(value) is None:
        raise InvalidHeaderFormat(name, "invalid quoted header content", text, position)
    return value, end
