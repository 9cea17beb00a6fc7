"""Tell what is no HTTP/1 request at all, with one sentence that helps.

Only what is certain is turned away. Whatever someone could mean as a request, however broken,
goes on to the parsers, whose verdict is the answer. The tables are walked from the top.
"""

from __future__ import annotations

import re
from typing import Final

from ..span import printable

_LOOKED_AT: Final = 8192
_EXAMPLE: Final = r"printf 'GET / HTTP/1.1\r\nHost: example.org\r\n\r\n' | asgi-inspect"
_PLAIN: Final = "give the request as it stood before encryption, or a capture made on the server behind TLS"
_SENT: Final = "give the request that was sent for it"
_REQUEST_FILE: Final = "give a file with the request that your server gets"

# How the first bytes look, what that is, and what to do. None of these can begin a request.
_BINARY: Final[tuple[tuple[bytes, str, str], ...]] = (
    (rb"\x16\x03[\x00-\x04]..\x01", "a TLS ClientHello (encrypted HTTPS)", _PLAIN),
    (rb"\x15\x03[\x00-\x04]\x00\x02", "a TLS alert", _PLAIN),
    (rb"[\x14-\x17]\x03[\x00-\x04][\x00-\x40]", "TLS records (encrypted HTTPS)", _PLAIN),
    (rb"\x89PNG\r\n\x1a\n", "a PNG image", _REQUEST_FILE),
    (rb"\xff\xd8\xff", "a JPEG image", _REQUEST_FILE),
    (rb"GIF8[79]a", "a GIF image", _REQUEST_FILE),
    (rb"%PDF-\d", "a PDF document", _REQUEST_FILE),
    (rb"\x7fELF", "a program (ELF)", f"{_REQUEST_FILE}, or name an application with --app"),
)

# The first line that is not blank. These look enough like `METHOD target` to be asked first.
_MARKED_TEXT: Final[tuple[tuple[bytes, str, str], ...]] = (
    (rb"HTTP/\d(?:\.\d)? \d{3}(?: |\r?$)", "an HTTP response, which is what the server sent", _SENT),
    (
        rb"\* +\S.*$(?:\n[*{}<>] .*$|\n$)*+\Z",
        "messages of curl -v without a request among them",
        "see why curl could not connect, and try again",
    ),
    (rb"SSH-\d\.\d+-", "an SSH banner", "give the bytes of an HTTP client"),
    (
        rb"\{\s*(?:\"(?:[^\"\\]|\\.)*\"\s*:|\}\s*\Z)|\[\s*(?:[\[{\"]|-?\d+\s*[,\]]|\]\s*\Z)",
        "JSON",
        "if it is a request's body, put the request line, the fields and a blank line before it",
    ),
    (
        rb"(?i:<(?:!doctype|\?xml|!--|[a-z][a-z0-9]*[\s>/]))",
        "HTML or XML",
        "if it is a request's body, put the request line, the fields and a blank line before it",
    ),
    (rb"#! ?/", "a script", f"run it, and {_REQUEST_FILE}"),
    (rb"https?://[^\s]+\s*\Z", "a URL alone", f"give the bytes of a request, for example {_EXAMPLE}"),
    (
        rb"(?:from [A-Za-z_.][\w.]* import [\w(*]|import [A-Za-z_][\w.]*(?: as \w+)?(?:, *[\w.]+)*\s*$"
        rb"|(?:async )?def \w+\(|class \w+[(:]|\"\"\"|@[a-z_][\w.]*(?:\(|\s*$))",
        "Python source",
        f"name an application with --app MODULE:ATTRIBUTE, and {_REQUEST_FILE}",
    ),
)

_METHOD_AND_TARGET = re.compile(
    rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]+(?:[/*?]|[a-z][a-z0-9+.-]*://|[^ \t\n]+:\d+|$)|[A-Z]{3,}(?:[ \t]|$)",
    re.MULTILINE,
)
_REQUEST_LINE = re.compile(rb"^[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]+\S+[ \t]+HTTP/\d", re.MULTILINE)
_VERSION_AT_END = re.compile(rb"[^\n]*[ \t]HTTP/\d(?:\.\d)?[ \t\r]*$", re.MULTILINE)
_PROSE = re.compile(rb"[A-Z][a-z]*,? (?:[a-z]+[,']? ){2,}+[^:=;{}<>\x00-\x08]*$", re.MULTILINE)
_NOT_TEXT = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")


def not_a_request(data: bytes, source: str) -> str | None:
    """What `data` is, if it is certainly no HTTP/1 request, and what to do; None if it may be one."""
    if seen := nothing_in(data, source):
        return seen
    if re.search(rb"[^ \t\r\n]", data) is None:
        return _sentence(source, "only white space", f"give the bytes of a request, for example {_EXAMPLE}")
    head = bytes(data[:_LOOKED_AT])
    for pattern, what, advice in _BINARY:
        if re.match(pattern, head, re.DOTALL):
            return _sentence(source, what, advice)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if found := _named_text(text) or _unnamed(head, text):
        return _sentence(source, *found)
    return None


def nothing_in(data: bytes, source: str) -> str | None:
    """The one refusal that holds even when the bytes are taken as they are: there are none."""
    if len(data):
        return None
    return f"{printable(source)} is empty: give the bytes of a request, for example {_EXAMPLE}"


def begins_with_request_line(data: bytes) -> bool:
    """Whether `METHOD target HTTP/x` comes first."""
    text = bytes(data[:_LOOKED_AT]).removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    return _REQUEST_LINE.match(text) is not None


def _sentence(source: str, what: str, advice: str) -> str:
    return f"{printable(source)} holds {what}, not an HTTP/1 request: {advice}"


def _named_text(text: bytes) -> tuple[str, str] | None:
    if _VERSION_AT_END.match(text):
        return None
    for pattern, what, advice in _MARKED_TEXT:
        if re.match(pattern, text, re.MULTILINE):
            return what, advice
    return None


def _unnamed(head: bytes, text: bytes) -> tuple[str, str] | None:
    """Text or bytes of no known format, with nothing in them that could be meant as a request."""
    start = text.lstrip(bytes(range(33)))
    if b"http/" in text.lower() or _METHOD_AND_TARGET.match(start):
        return None
    if len(_NOT_TEXT.findall(head)) * 20 > len(head):
        return "binary data", f"{_REQUEST_FILE}, or take it as it is with --strict-bytes"
    if _PROSE.match(text):
        return "plain text without a request line", f"a request looks like this: {_EXAMPLE}"
    return None
