"""A curl command line, typed or copied from a browser: what curl 8.14 would send; it is never run.

Files that the command names are not read: a body from one is missing, and that is said. Options
that do not shape the request are listed as ignored, those that do and are not worked out as such.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_from_bytes

from ..findings import Finding, Severity
from .capture import Capture, CaptureError, Fidelity
from .composing import not_the_wire
from .curl_options import UNTOLD, options
from .curl_requests import Operation, Part, requests
from .gathering import Gathering
from .refusal import refuse
from .shell_words import Command, bash_commands, cmd_commands

FORMAT: Final = "curl-command"
_PROMPT = rb"(?:[^\n'\"]{0,80}?[$%#>] +|PS [^\n>]{0,80}> ?)?"
_START = re.compile(
    rb"\s*+(?:#[^\n]*+\n\s*+)*+" + _PROMPT + rb"(?:sudo +|time +|command +|\\)?curl(?:\.exe)?"
    rb"(?:[ \t]+|[ \t]*[\\^]\r?\n\s*)(?:-{1,2}[A-Za-z#:0-9]|['\"^$]|(?i:https?)://|[\w.-]+(?:\.[a-z]{2,}|:\d+)(?:[/?\s]|\Z))"
)
_AT_PROMPT = re.compile(rb"(?m)^" + _PROMPT + rb"(?=(?:sudo +|time +|command +|\\)?curl(?:\.exe)?[ \t\\^])")
_CMD = re.compile(rb"\^\r?\n|\^\"|\^\\\^\"")


def recognise(head: bytes) -> str | None:
    """Why this is a curl command line, or None."""
    return "a curl command with an option or a URL comes first" if _START.match(head) else None


def read(data: bytes, source: str) -> Capture:
    """The requests that the command would make, put together; what cannot be known is said."""
    commands = [command for command in _commands(data, source) if _is_curl(command)]
    if not commands:
        raise refuse(source, data, 0, "expected a command that begins with curl", "Paste the whole command")
    reader = _Reader(source)
    for command in commands:
        reader.command(command)
    return reader.capture()


def _commands(data: bytes, source: str) -> list[Command]:
    text = _AT_PROMPT.sub(b"", data)
    return cmd_commands(text, source) if _CMD.search(text) else bash_commands(text, source)


def _is_curl(command: Command) -> bool:
    while command.words and (re.fullmatch(rb"[A-Za-z_]\w*=.*|sudo|time|command", command.words[0], re.DOTALL)):
        command.words.pop(0)
    name = command.words[0].replace(b"\\", b"/").rpartition(b"/")[2] if command.words else b""
    return name in (b"curl", b"curl.exe")


@dataclass(slots=True)
class _Reader:
    """The requests so far and what has to be said of them."""

    source: str
    out: Gathering = field(default_factory=Gathering)
    number: int = 0  # of commands
    ignored: dict[str, None] = field(default_factory=dict)
    untold: dict[str, None] = field(default_factory=dict)
    doubts: dict[str, None] = field(default_factory=dict)

    def command(self, command: Command) -> None:
        """All operations of one command."""
        self.doubts |= dict.fromkeys(command.doubts)
        self.number += 1
        operation = Operation()
        for option in options(command.words[1:], self.source):
            if option.name == "next":
                self.send(operation)
                operation = Operation()
            elif option.name in _ROWS:
                _ROWS[option.name](_Setting(operation, option.value, command.stdin, self))
            elif option.name in UNTOLD:
                self.untold["--" + option.name] = None
            else:
                self.ignored["--" + option.name] = None
        self.send(operation)

    def send(self, operation: Operation) -> None:
        """The requests of one operation; curl keeps the connection to one origin open."""
        if not operation.urls:
            raise CaptureError(f"{self.source}: the curl command names no URL. Paste the whole command")
        for request in requests(operation, self.source):
            key = (self.number, request.origin)
            self.out.sent(key, request.wire)
            if request.tls:
                self.out.over_tls(key)
            if request.missing:
                self.out.lost(key, request.missing, "curl --trace FILE …")

    def capture(self) -> Capture:
        """All of it."""
        self.out.note(not_the_wire("A command line", "what curl adds by itself (as curl 8.14 does), a form's boundary"))
        for rule, severity, words, items in (
            ("options-ignored", Severity.NOTE, "These options do not shape the request: ", self.ignored),
            ("options-untold", Severity.WARNING, "These shape the request and are not worked out: ", self.untold),
            ("shell-unknown", Severity.WARNING, "Taken as written, though in the shell ", self.doubts),
        ):
            if items:
                self.out.note(Finding(rule=rule, severity=severity, message=f"{words}{', '.join(items)}."))
        return self.out.capture(self.source, FORMAT, fidelity=Fidelity.RECONSTRUCTED, segments=True)


@dataclass(slots=True)
class _Setting:
    """One option at work on an operation."""

    operation: Operation
    value: bytes
    stdin: bytes | None
    reader: _Reader

    def content(self, name: bytes) -> bytes | None:
        """The file `name` where the command itself holds it (a here-document), else None."""
        return self.stdin if name == b"-" else None


def _data(setting: _Setting, *, binary: bool = False, raw: bool = False) -> None:
    value: bytes | None = setting.value
    if setting.value.startswith(b"@") and not raw:
        value = setting.content(setting.value[1:])
        if value is not None and not binary:
            value = value.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")
    _add(setting, value)


def _add(setting: _Setting, value: bytes | None) -> None:
    if value is None:
        setting.operation.data_missing = True
    else:
        setting.operation.add_data(value)


def _json(setting: _Setting) -> None:
    setting.operation.json = True
    _data(setting, binary=True)


_ENCODE = re.compile(rb"([^=@]*)([=@]?)(.*)", re.DOTALL)


def _urlencode(setting: _Setting) -> None:
    """`content`, `=content`, `name=content`, `@file`, `name@file`."""
    match = _ENCODE.match(setting.value)
    assert match is not None
    name, sign, rest = match.groups()
    content = setting.content(rest) if sign == b"@" else rest if sign else name
    name = name if sign else b""
    if content is not None:
        encoded = quote_from_bytes(content, safe="").replace("%20", "+").encode()
        content = name + b"=" + encoded if name else encoded
    _add(setting, content)


def _query(setting: _Setting) -> None:
    """`--url-query` takes what --data-urlencode does, and +text as it is."""
    if setting.value.startswith(b"+"):
        setting.operation.queries.append(setting.value[1:])
        return
    scratch = _Setting(Operation(), setting.value, setting.stdin, setting.reader)
    _urlencode(scratch)
    if scratch.operation.data is None:
        setting.reader.untold["--url-query with a file"] = None
    else:
        setting.operation.queries.append(scratch.operation.data)


_ATTRIBUTE = re.compile(rb";\s*(type|filename|headers|encoder|format)=(\"(?:[^\"\\]++|\\.)*+\"|[^;]*)", re.IGNORECASE)


def _form(setting: _Setting) -> None:
    name, equals, value = setting.value.partition(b"=")
    if not equals:
        raise CaptureError(f"{setting.reader.source}: -F needs name=content. Check the command")
    if value.startswith((b"@", b"<")):
        setting.operation.form_missing = True
        return
    if value.startswith(b'"') and (end := value.find(b'"', 1)) > 0:
        content, rest = value[1:end], value[end + 1 :]
    else:
        first = _ATTRIBUTE.search(value)
        content, rest = (value[: first.start()], value[first.start() :]) if first else (value, b"")
    found = {match[1].lower(): match[2].strip(b'"') for match in _ATTRIBUTE.finditer(rest)}
    setting.operation.form.append(Part(name, content, found.get(b"filename", b""), found.get(b"type", b"")))
    if found.keys() - {b"type", b"filename"}:
        setting.reader.untold["-F with headers= or encoder="] = None


def _form_string(setting: _Setting) -> None:
    name, _, value = setting.value.partition(b"=")
    setting.operation.form.append(Part(name, value))


def _cookie(setting: _Setting) -> None:
    if b"=" in setting.value:
        setting.operation.cookies.append(setting.value)
    else:
        setting.reader.untold["-b with a file"] = None


def _header(setting: _Setting) -> None:
    if setting.value.startswith(b"@"):
        setting.reader.untold["-H with a file"] = None
    else:
        setting.operation.headers.append(setting.value)


def _user(setting: _Setting) -> None:
    setting.operation.user = setting.value
    if b":" not in setting.value:
        setting.reader.untold["-u without a password, for which curl asks"] = None


def _put(name: str) -> Callable[[_Setting], None]:
    """A row that keeps the option's value."""
    return lambda setting: setattr(setting.operation, name, setting.value)


def _switch(name: str, value: object = True) -> Callable[[_Setting], None]:
    """A row that keeps that the option is there."""
    return lambda setting: setattr(setting.operation, name, value)


_ROWS: Final[dict[str, Callable[[_Setting], None]]] = {
    "url": lambda setting: setting.operation.urls.append(setting.value),
    "data": _data,
    "data-ascii": _data,
    "data-binary": lambda setting: _data(setting, binary=True),
    "data-raw": lambda setting: _data(setting, raw=True),
    "data-urlencode": _urlencode,
    "json": _json,
    "form": _form,
    "form-string": _form_string,
    "header": _header,
    "cookie": _cookie,
    "user": _user,
    "url-query": _query,
    "oauth2-bearer": _put("bearer"),
    "request": _put("method"),
    "request-target": _put("target"),
    "upload-file": _put("upload"),
    "user-agent": _put("agent"),
    "range": _put("range"),
    "referer": lambda setting: setattr(setting.operation, "referer", setting.value.removesuffix(b";auto")),
    "get": _switch("get"),
    "head": _switch("head"),
    "compressed": _switch("compressed"),
    "path-as-is": _switch("as_is"),
    "globoff": _switch("glob", False),
    "http1.0": _switch("version", b"HTTP/1.0"),
}
