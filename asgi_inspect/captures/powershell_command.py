"""`Invoke-WebRequest …` as browsers copy it, or typed: the request that PowerShell would make; never run.

Read are strings with their escapes, `@{…}`, the session's cookies and user agent, and the parameters
that shape a request. Variables and expressions beyond that are refused, for only running them could tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from ..findings import Finding, Severity
from .capture import Capture, CaptureError, Fidelity
from .composing import Fields, as_bytes, doubtful_text, has, head, not_the_wire, target_of
from .gathering import Gathering
from .refusal import refuse

FORMAT: Final = "powershell"
_PROMPT: Final = r"(?:PS [^\n>]{0,200}> ?)?"
_COMMANDS: Final = r"(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm)"
_ASSIGNED: Final = r"(?:\$\w+ *= *)?"
_MARK = re.compile(
    (
        r"\s*+"
        + _PROMPT
        + r"(?:\$session = New-Object Microsoft\.PowerShell\.|"
        + _ASSIGNED
        + _COMMANDS
        + r" +(?:-\w|[\"']?https?://))"
    ).encode(),
    re.IGNORECASE,
)
_BLANK = re.compile(r"(?:[ \t]|`\r?\n|#[^\n]*)*+")
_NEXT = re.compile(r"(?:[ \t\r\n;]|`\r?\n|#[^\n]*)*+" + _PROMPT, re.IGNORECASE)
_SESSION = re.compile(r"\$session = New-Object Microsoft\.PowerShell\.Commands\.WebRequestSession", re.IGNORECASE)
_AGENT = re.compile(r"\$session\.UserAgent = (?=[\"'])", re.IGNORECASE)
_COOKIE = re.compile(r"\$session\.Cookies\.Add\(\(New-Object System\.Net\.Cookie\((?=[\"'])", re.IGNORECASE)
_COMMAND = re.compile(_ASSIGNED + _COMMANDS + r"(?=[ \t`])", re.IGNORECASE)
_PIPED = re.compile(r"\|[^\n]*")
_PARAMETER = re.compile(r"-([A-Za-z]+):?")
_BYTES = re.compile(r"\(\s*\[System\.Text\.Encoding\]::UTF8\.GetBytes\(\s*(?=[\"'])", re.IGNORECASE)
_WORD = re.compile(r"[^\s\"'`$(){}@;,|&<>#]+")
_NAME = re.compile(r"[\w-]+")
_VARIABLE = re.compile(r"\$\w+")
_PIECE = re.compile(r"\$\(\[char\](\d{1,5})\)|`(\r?\n|.)|([^`$\"]+)|(\"\")|(\$)(?![\w({])", re.DOTALL)
_SINGLE = re.compile(r"'((?:[^']|'')*+)'")
_ESCAPES: Final = {"0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SWITCHES: Final = ("usebasicparsing", "skipcertificatecheck", "disablekeepalive", "skipheadervalidation", "passthru")
_AGAIN: Final = 'Copy it again with the browser\'s "Copy as PowerShell", or better "Copy as cURL"'


def recognise(head_: bytes) -> str | None:
    """Why this is a PowerShell command, or None."""
    return "it begins as a PowerShell web request does" if _MARK.match(head_) else None


def read(data: bytes, source: str) -> Capture:
    """The requests of all commands, each a connection of its own."""
    script = _Script(data, source)
    out, number = Gathering(), 0
    while script.more():
        number += 1
        out.sent(number, script.request())
        if script.tls:
            out.over_tls(number)
        if doubt := doubtful_text(script.body, number):
            out.note(doubt)
    out.note(not_the_wire("A PowerShell command", "the order of fields and what PowerShell adds by itself"))
    if script.ignored:
        out.note(_ignored(script.ignored))
    return out.capture(source, FORMAT, fidelity=Fidelity.RECONSTRUCTED)


@dataclass(slots=True)
class _Script:
    """The text and how far it is read, with the session that its commands share."""

    data: bytes
    source: str
    text: str = ""
    position: int = 0
    agent: str = ""
    body: str = ""  # of the last command
    tls: bool = False  # of the last command
    cookies: list[str] = field(default_factory=list)
    ignored: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            self.text = self.data.decode()
        except UnicodeDecodeError as error:
            raise refuse(self.source, self.data, error.start, "expected text in UTF-8", _AGAIN) from None

    def misfit(self, problem: str) -> CaptureError:
        return refuse(self.source, self.data, len(self.text[: self.position].encode()), problem, _AGAIN)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What stands next, if it is this."""
        match = pattern.match(self.text, self.position)
        self.position = match.end() if match else self.position
        return match

    def expect(self, sign: str) -> None:
        self.take(_BLANK)
        if not self.text.startswith(sign, self.position):
            raise self.misfit(f"expected {sign}")
        self.position += len(sign)

    def more(self) -> bool:
        """Reads what is said of the session; whether a command follows."""
        while True:
            self.take(_NEXT)
            if self.take(_SESSION):
                self.agent, self.cookies = "", []
            elif self.take(_AGENT):
                self.agent = self.string()
            elif self.take(_COOKIE):
                self.cookie()
            else:
                return self.position < len(self.text)

    def cookie(self) -> None:
        name = self.string()
        self.expect(",")
        self.take(_BLANK)
        self.cookies.append(f"{name}={self.string()}")
        while self.text.startswith(",", self.position):
            self.expect(",")
            self.take(_BLANK)
            self.string()
        self.expect(")))" if self.text.startswith(")))", self.position) else "))")

    def request(self) -> bytes:
        """One command, put together."""
        if not self.take(_COMMAND):
            raise self.misfit("expected Invoke-WebRequest or $session")
        given: dict[str, str] = {}
        headers: Fields = []
        while True:
            self.take(_BLANK)
            self.take(_PIPED)
            parameter = self.take(_PARAMETER)
            name = parameter[1].lower() if parameter else "uri"
            if parameter is None and (self.position >= len(self.text) or self.text[self.position] in ";\r\n"):
                return self.composed(given, headers)
            self.take(_BLANK)
            if name == "headers":
                headers = self.table()
            elif name == "websession" and self.take(_VARIABLE):
                pass
            elif name not in _SWITCHES:
                given[name] = self.value()

    def value(self) -> str:
        """A string, a word, or the bytes of a string."""
        if self.take(_BYTES):
            text = self.string()
            self.expect("))")
            return text
        if self.text[self.position : self.position + 1] in ('"', "'"):
            return self.string()
        word = self.take(_WORD)
        if word is None:
            raise self.misfit("expected a string; what a variable or an expression holds only running it could tell")
        return word[0]

    def string(self) -> str:
        """A quoted string with its escapes undone."""
        if single := self.take(_SINGLE):
            return single[1].replace("''", "'")
        self.expect('"')
        pieces: list[str] = []
        while piece := self.take(_PIECE):
            code, escaped, plain, quote, dollar = piece.groups()
            if code:
                pieces.append(chr(int(code)) if int(code) < 0x10000 else "")
            elif escaped:
                pieces.append(_ESCAPES.get(escaped, escaped))
            else:
                pieces.append(plain or dollar or (quote and '"'))
        if not self.text.startswith('"', self.position):
            raise self.misfit("expected the string to end; what a variable in it holds only running it could tell")
        self.position += 1
        return "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def table(self) -> Fields:
        """`@{ "Name"="value" … }`"""
        self.expect("@{")
        fields: Fields = []
        while True:
            self.take(_NEXT)
            if self.text.startswith("}", self.position):
                self.position += 1
                return fields
            bare = self.take(_NAME)
            name = bare[0] if bare else self.value()
            self.expect("=")
            self.take(_BLANK)
            fields.append((as_bytes(name), as_bytes(self.value())))

    def composed(self, given: dict[str, str], headers: Fields) -> bytes:
        """The request of these parameters, with Host, the session's fields and the body's length."""
        target = target_of(given.pop("uri", ""))
        if target is None:
            raise self.misfit("expected -Uri and a URL before the end of the command")
        method = given.pop("method", "").upper() or "GET"
        body, kind = given.pop("body", None), given.pop("contenttype", "")
        agent = given.pop("useragent", "") or self.agent
        fields: Fields = [(b"Host", target.host)] if not has(headers, b"host") else []
        fields += [(b"User-Agent", as_bytes(agent))] if agent and not has(headers, b"user-agent") else []
        fields += headers
        fields += [(b"Content-Type", as_bytes(kind))] if kind else []
        if self.cookies and not has(headers, b"cookie"):
            fields.append((b"Cookie", as_bytes("; ".join(self.cookies))))
        self.tls = target.tls
        self.body = body or ""
        content = as_bytes(self.body)
        if (body is not None or method in ("POST", "PUT", "PATCH")) and not has(headers, b"content-length"):
            fields.append((b"Content-Length", b"%d" % len(content)))
        self.ignored |= dict.fromkeys(f"-{name}" for name in given)
        return head(as_bytes(method), target.target, fields) + content


def _ignored(names: dict[str, None]) -> Finding:
    return Finding(
        rule="options-ignored",
        severity=Severity.WARNING,
        message=f"These parameters are not worked out: {', '.join(names)}.",
    )
