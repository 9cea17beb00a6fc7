"""--env-file: variables from a file, read as python-dotenv reads it for uvicorn.

A variable that is already set wins. Where python-dotenv passes over a line that it cannot read,
this is an error: a setting that silently does not count is what a person comes here to find.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

# Possessive, as python-dotenv reads from left to right and never takes a step back.
_STATEMENT = re.compile(
    r"""
    (?:export[^\S\n]+)?+
    (?: '(?P<quoted>[^'\n]+)' | (?P<name>[^='\#\s][^=\#\s]*+) ) [^\S\n]*+
    (?: = (?P<gap>[^\S\n]*+) (?:
        '(?P<single>(?:\\.|[^'\\])*)' [^\S\n]* (?:\#[^\n]*)?
      | "(?P<double>(?:\\.|[^"\\])*)" [^\S\n]* (?:\#[^\n]*)?
      | (?P<bare>(?!['"])[^\n]*)
    ) | \#[^\n]* )?
    (?:\n|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
_NOTHING = re.compile(r"\s+|#[^\n]*")
_REFERENCE = re.compile(r"\$\{(?P<name>[^}:]*)(?::-(?P<default>[^}]*))?\}")
_ESCAPED = re.compile(r"\\([\\'\"abfnrtv])")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class EnvFileError(Exception):
    """The file cannot be read, or one of its lines cannot; the text names file and line."""


def read_env_file(path: str) -> dict[str, str]:
    """What the file at `path` sets, `${NAME}` and `${NAME:-default}` put in. Raises EnvFileError."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
    except OSError as error:
        raise EnvFileError(f"--env-file {path}: {(error.strerror or 'cannot be read').lower()}") from None
    except UnicodeDecodeError as error:
        raise EnvFileError(f"--env-file {path}: byte {error.start} is not UTF-8") from None
    values: dict[str, str | None] = {}
    for name, value in _statements(text, path):
        values[name] = value and _with_references(value, {**values, **os.environ})
    return {name: value for name, value in values.items() if value is not None}


def _statements(text: str, path: str) -> Iterator[tuple[str, str | None]]:
    place = 0
    while place < len(text):
        if blank := _NOTHING.match(text, place):
            place = blank.end()
            continue
        statement = _STATEMENT.match(text, place)
        name = statement and (statement["quoted"] or statement["name"])
        if not statement or not name or "\0" in statement.group() or "=" in name:
            number = text.count("\n", 0, place) + 1
            line = text[place:].split("\n", 1)[0]
            raise EnvFileError(f"--env-file {path}: line {number} is not NAME=VALUE: {line[:80]}")
        yield name, _value(statement)
        place = statement.end()


def _value(statement: re.Match[str]) -> str | None:
    if statement["single"] is not None:
        return re.sub(r"\\([\\'])", r"\1", statement["single"])
    if statement["double"] is not None:
        return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), statement["double"])
    bare = statement["bare"]
    if bare is None:
        return None
    if statement["gap"] and bare.startswith("#"):
        return ""
    return re.sub(r"\s+#.*", "", bare).rstrip()


def _with_references(value: str, known: Mapping[str, str | None]) -> str:
    return _REFERENCE.sub(lambda match: known.get(match["name"], match["default"]) or "", value)
