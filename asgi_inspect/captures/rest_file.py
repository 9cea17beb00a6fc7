"""`.http` and `.rest` files, as editors send them: requests under `###`, with variables of their own.

Editors differ in what they add and in how they end lines, so this is the request that the file
describes; bodies from other files and variables that the file does not give are told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from ..findings import Finding, Severity
from .capture import Capture, CaptureError, Fidelity, Missing
from .composing import Fields, has, head, not_the_wire, target_of
from .gathering import Gathering

FORMAT: Final = "rest-file"
_METHODS: Final = rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|LIST|QUERY|PROPFIND)"
_REQUEST = re.compile(rb"(?:(" + _METHODS + rb")[ \t]+)?(\S[^\r\n]*?)(?:[ \t]+HTTP/(\d(?:\.\d)?))?[ \t]*$")
_URL_LINE = re.compile(
    rb"(?:" + _METHODS + rb"[ \t]+)?(?:https?://|\{\{[\w.$ -]+\}\})[^\r\n]*$|" + _METHODS + rb"[ \t]+/[^\r\n]*$"
)
_VARIABLE = re.compile(rb"@([\w.-]+)[ \t]*=[ \t]*([^\r\n]*?)[ \t]*$")
_USE = re.compile(rb"\{\{[ \t]*([\w.$ -]+?)[ \t]*\}\}")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z{}-]+)[ \t]*:[ \t]*([^\r\n]*?)[ \t]*$")
_COMMENT: Final = (b"#", b"//")
_DEEPEST: Final = 10  # variables inside variables


def recognise(head_: bytes) -> str | None:
    """Why this is such a file, or None: marks of its own, then a request line that is no HTTP on the wire."""
    marked, lines = False, head_.split(b"\n")
    for index, raw in enumerate(lines[:200]):
        line = raw.rstrip(b"\r")
        if line.startswith(b"###") or _VARIABLE.match(line):
            marked = True
        elif line.strip() and not line.startswith(_COMMENT):
            typed = line == raw  # CR LF is what a client writes, an absolute target may be meant
            return _why(line, lines[index + 1 : index + 60], marked, typed) if _URL_LINE.match(line) else None
    return None


def _why(line: bytes, after: list[bytes], marked: bool, typed: bool) -> str | None:
    versioned = re.search(rb" HTTP/\d(?:\.\d)?[ \t]*$", line)
    if marked:
        return "### or @variable stands before a request line"
    hosts = any(known.lower().startswith(b"host:") for known in after)
    if versioned and not hosts and typed and b"://" in line:
        return "a request line with a whole URL, and no Host"
    fields = not after or not after[0].strip() or _FIELD.match(after[0].rstrip(b"\r")) is not None
    bare = not versioned and b"://" in line and line.partition(b" ")[0].isupper() and fields
    return "a method and a URL without a version" if bare else None


def read(data: bytes, source: str) -> Capture:
    """The file's requests in order, each a connection."""
    file = _File(source)
    lines = [line.rstrip(b"\r") for line in data.split(b"\n")]
    for line in lines:
        if match := _VARIABLE.match(line):
            file.variables[match[1]] = match[2]
    start = 0
    for index, line in enumerate([*lines, b"###"]):
        if line.startswith(b"###"):
            file.block(lines[start:index], start + 1)
            start = index + 1
    return file.capture()


@dataclass(slots=True)
class _File:
    """The requests so far."""

    source: str
    out: Gathering = field(default_factory=Gathering)
    variables: dict[bytes, bytes] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)
    number: int = 0

    def filled(self, text: bytes) -> bytes:
        """The text with the file's variables put in; others stay as they are and are told."""
        for _ in range(_DEEPEST):
            after = _USE.sub(lambda match: self.variables.get(match[1], match[0]), text)
            if after == text or len(after) > 1 << 24:
                break
            text = after
        self.unknown |= dict.fromkeys(match[1].decode("utf-8", "replace") for match in _USE.finditer(text))
        return text

    def block(self, lines: list[bytes], first: int) -> None:
        """The lines between two ###: comments, a request line that may go on, fields, a body."""
        rest = _without_front(lines)
        if not rest:
            return
        request = rest[0]
        index = 1
        while index < len(rest) and re.match(rb"[ \t]+[?&/]|[?&]", rest[index]):
            request += rest[index].strip()
            index += 1
        line = self.filled(request)
        match = _REQUEST.match(line)
        if match is None or not _URL_LINE.match(line):
            number = first + len(lines) - len(rest)
            raise CaptureError(f"{self.source}, line {number}: expected a method and a URL. Write GET http://host/path")
        fields: Fields = []
        while index < len(rest) and rest[index].strip():
            found = _FIELD.match(self.filled(rest[index]))
            if found and not rest[index].startswith(_COMMENT):
                fields.append((found[1], found[2]))
            index += 1
        self.request(match[1] or b"GET", match[2], fields, rest[index + 1 :])

    def request(self, method: bytes, url: bytes, fields: Fields, lines: list[bytes]) -> None:
        """One request with what an editor adds: Host and Content-Length."""
        self.number += 1
        target = target_of(url.decode("utf-8", "replace"))
        if target and not has(fields, b"host"):
            fields.insert(0, (b"Host", target.host))
        path = target.target if target else url
        body, missing = self.body(lines)
        if (body or method in (b"POST", b"PUT", b"PATCH")) and not (missing or has(fields, b"content-length")):
            fields.append((b"Content-Length", b"%d" % len(body)))
        self.out.sent(self.number, head(method, path, fields) + (b"" if missing else body))
        if target and target.tls:
            self.out.over_tls(self.number)
        if missing:
            self.out.lost(self.number, Missing(length=None), "nc -l 8000 > FILE, with the request sent there")

    def body(self, lines: list[bytes]) -> tuple[bytes, bool]:
        """The body without scripts and the blank lines at its end, and whether a file would be in it."""
        kept: list[bytes] = []
        script = False
        for line in lines:
            script = script or line.startswith((b"> {%", b"< {%"))
            if not script and not line.startswith((b"> ", b">> ", b"<> ")):
                kept.append(line)
            script = script and b"%}" not in line
        text = self.filled(b"\n".join(kept)).rstrip(b"\n")
        return text, re.search(rb"(?m)^<@? ?\S", text) is not None and not text.lstrip().startswith(b"<?xml")

    def capture(self) -> Capture:
        """All of it."""
        self.out.note(not_the_wire("A .http file", "what the editor adds, line ends and the end of the body"))
        if self.unknown:
            names = ", ".join(self.unknown)
            self.out.note(
                Finding(
                    rule="variables-unknown",
                    severity=Severity.WARNING,
                    message=f"The file gives no value for {names}; taken as written.",
                    help="Put @name = value into the file.",
                )
            )
        return self.out.capture(self.source, FORMAT, fidelity=Fidelity.RECONSTRUCTED)


def _without_front(lines: list[bytes]) -> list[bytes]:
    """From the request line on: no blank lines, comments, variables or scripts before it."""
    script = False
    for index, line in enumerate(lines):
        script = script or line.startswith((b"< {%", b"> {%"))
        if not script and line.strip() and not line.startswith(_COMMENT) and not _VARIABLE.match(line):
            return lines[index:]
        script = script and b"%}" not in line
    return []
