"""An HTTPie command line (`http POST host/path a=1 X-B:c`), typed or exported; it is never run.

What HTTPie 3.2 would send; files that the command names are not read.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus

from ..findings import Finding, Severity
from .capture import Capture, CaptureError, Fidelity, Missing
from .composing import Fields, Target, as_bytes, has, head, not_the_wire, target_of
from .gathering import Gathering
from .refusal import refuse
from .shell_words import Command, bash_commands

FORMAT: Final = "httpie-command"
_PROMPT: Final = rb"(?:[^\n'\"]{0,80}?[$%#>] +)?"
_MARK = re.compile(
    rb"\s*+" + _PROMPT + rb"https? +(?:-[^\n]{1,300}? )?"
    rb"(?:(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) +['\"]?[\w:/.-]+|['\"]?(?:https?://|localhost\b|:\d*/|:\d+\b))"
)
_AT_PROMPT = re.compile(rb"(?m)^" + _PROMPT + rb"(?=https? )")
_ITEM = re.compile(r"((?:[^\\:=@;]|\\.)*+)(:=@|==@|:=|==|=@|:@|=|@|:|;)(.*)", re.DOTALL)
_NESTED = re.compile(r"(?<!\\)\[")
_METHOD = re.compile(r"[A-Za-z]+")
# fmt: off
_WITH_VALUE: Final = frozenset((
    "--auth", "-a", "--raw", "--timeout", "--print", "-p", "--pretty", "--style", "-s", "--output", "-o", "--proxy",
    "--session", "--session-read-only", "--verify", "--auth-type", "-A", "--cert", "--cert-key", "--ssl", "--ciphers",
    "--max-redirects", "--max-headers", "--boundary", "--format-options", "--response-charset", "--response-mime",
    "--default-scheme", "--history-print", "-P",
))
# fmt: on
_UNTOLD: Final = frozenset(
    ("--session", "--session-read-only", "--proxy", "--auth-type", "-A", "--multipart", "-x", "--compress")
)
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"


def recognise(head_: bytes) -> str | None:
    """Why this is an HTTPie command line, or None."""
    return "an http command with a method or a URL comes first" if _MARK.match(head_) else None


def read(data: bytes, source: str) -> Capture:
    """The request of each command."""
    text = _AT_PROMPT.sub(b"", data)
    commands = [one for one in bash_commands(text, source) if one.words and one.words[0] in (b"http", b"https")]
    if not commands:
        raise refuse(source, data, 0, "expected a command that begins with http or https", "Paste the whole command")
    out = Gathering()
    for number, command in enumerate(commands, 1):
        _Request(source, command, out, number).send()
    out.note(not_the_wire("A command line", "the order of fields and what HTTPie adds by itself (as 3.2 does)"))
    return out.capture(source, FORMAT, fidelity=Fidelity.RECONSTRUCTED)


@dataclass(slots=True)
class _Request:
    """One command, taken apart."""

    source: str
    command: Command
    out: Gathering
    number: int
    form: bool = False
    raw: bytes | None = None
    missing: bool = False
    fields: Fields = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    queries: list[tuple[str, str]] = field(default_factory=list)
    doubts: dict[str, None] = field(default_factory=dict)

    def send(self) -> None:
        """The request, and what has to be said of it."""
        self.raw = self.command.stdin
        self.doubts |= dict.fromkeys(self.command.doubts)
        words = self.options([word.decode("utf-8", "surrogateescape") for word in self.command.words[1:]])
        named = len(words) > 1 and _METHOD.fullmatch(words[0]) is not None and _ITEM.fullmatch(words[1]) is None
        named = named or (len(words) > 1 and _METHOD.fullmatch(words[0]) is not None and words[0].isupper())
        method = words.pop(0).upper() if named else ""
        if not words:
            raise CaptureError(f"{self.source}: the http command names no URL. Paste the whole command")
        target = self.target(words.pop(0))
        for word in words:
            self.item(word)
        method = method or ("POST" if self.has_body() else "GET")
        self.out.sent(self.number, self.composed(method, target))
        if target.tls:
            self.out.over_tls(self.number)
        if self.missing:
            self.out.lost(self.number, Missing(length=None), "http --print=HB --pretty=none …")
        if self.doubts:
            message = f"Not worked out or taken as written: {', '.join(self.doubts)}."
            self.out.note(
                Finding(rule="options-untold", severity=Severity.WARNING, message=message, connection=self.number)
            )

    def options(self, words: list[str]) -> list[str]:
        """The words that are no options; what options say is kept."""
        rest, left = [], list(words)
        while left:
            word = left.pop(0)
            name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
            if not word.startswith("-") or word == "-":
                rest.append(word)
                continue
            if name in _WITH_VALUE and not equals:
                value = left.pop(0) if left else ""
            self.form = self.form or name in ("--form", "-f")
            if name in ("--auth", "-a"):
                self.fields.append((b"Authorization", b"Basic " + base64.b64encode(_bytes(value))))
            elif name == "--raw":
                self.raw = value.encode("utf-8", "surrogateescape")
            elif name in _UNTOLD:
                self.doubts[name] = None
        return rest

    def target(self, url: str) -> Target:
        """HTTPie's shorthands: `:8000/x` is localhost, and the scheme may be left out."""
        if re.match(r":(?!:)", url):
            url = "localhost" + (url if re.match(r":\d", url) else url[1:])
        if "://" not in url:
            url = self.command.words[0].decode() + "://" + url
        target = target_of(url)
        if target is None:
            raise CaptureError(f"{self.source}: expected a URL and found {url[:60]!r}. Paste the whole command")
        return target

    def item(self, word: str) -> None:
        """A request item: field, query parameter, or a part of the body."""
        item = _ITEM.fullmatch(word)
        if item is None:
            raise CaptureError(f"{self.source}: expected an item as name=value or Name:value and found {word[:60]!r}")
        name, sign, value = re.sub(r"\\(.)", r"\1", item[1]), item[2], item[3]
        if sign in (":=@", "=@", "@"):
            self.missing = True
        elif sign in ("==@", ":@"):
            self.doubts[word] = None
        elif sign in (":", ";"):
            self.fields.append((as_bytes(name), as_bytes(value.strip())))
        elif sign == "==":
            self.queries.append((name, value))
        elif _NESTED.search(item[1]) and not self.form:
            self.doubts[word] = None
        else:
            self.pairs.append((name, value))
            self.data[name] = self.literal(value) if sign == ":=" else value

    def literal(self, value: str) -> Any:
        try:
            return json.loads(value)
        except ValueError:
            raise CaptureError(f"{self.source}: expected JSON behind := and found {value[:60]!r}") from None

    def has_body(self) -> bool:
        return bool(self.data or self.missing or self.raw is not None)

    def composed(self, method: str, target: Target) -> bytes:
        """The fields as HTTPie sends them: its own unless they are given, then those given."""
        body = self.raw
        if body is None and self.data:
            body = _urlencoded(self.pairs) if self.form else json.dumps(self.data).encode("utf-8", "surrogateescape")
        as_json = not self.form and (body is not None or self.missing)
        own: Fields = [
            (b"Host", target.host),
            (b"User-Agent", b"HTTPie/3.2.4"),
            (b"Accept-Encoding", b"gzip, deflate"),
            (b"Accept", b"application/json, */*;q=0.5" if as_json else b"*/*"),
            (b"Connection", b"keep-alive"),
        ]
        if as_json or (self.form and body is not None):
            own.append((b"Content-Type", as_bytes(_JSON if as_json else _FORM)))
        if (body is not None or method not in ("GET", "HEAD")) and not self.missing:
            own.append((b"Content-Length", b"%d" % len(body or b"")))
        fields = [known for known in own if not has(self.fields, known[0].lower())] + self.fields
        query = _urlencoded(self.queries)
        wire = target.target + (b"?&"[b"?" in target.target :][:1] + query if query else b"")
        return head(_bytes(method), wire, fields) + (b"" if self.missing else body or b"")


def _urlencoded(pairs: list[tuple[str, str]]) -> bytes:
    return "&".join(f"{quote_plus(_bytes(name))}={quote_plus(_bytes(value))}" for name, value in pairs).encode()


def _bytes(word: str) -> bytes:
    """A word of the command as the shell hands it over: any bytes."""
    return word.encode("utf-8", "surrogateescape")
