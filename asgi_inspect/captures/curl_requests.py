"""What curl sends for a set of options: its own fields, their order, and the bodies it builds.

The order of fields and the defaults are those of curl 8.14 (User-Agent included), seen on the wire.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Final, NamedTuple

from .capture import CaptureError, Missing
from .composing import as_chunks

AGENT: Final = b"curl/8.14.1"
ENCODINGS: Final = b"deflate, gzip, br, zstd"
BOUNDARY: Final = b"------------------------asgiinspectasgiinspect"
MOST_URLS: Final = 1000
_URL = re.compile(rb"(?:([A-Za-z][A-Za-z0-9+.-]*)://)?(?:([^/?#]*)@)?([^/?#@]*)([^?#]*)(\?[^#]*)?", re.DOTALL)
_DEFAULT_PORT: Final = {b"http": b":80", b"https": b":443", b"ws": b":80", b"wss": b":443"}
_GLOB = re.compile(rb"\{([^{}\[\]]*)\}|\[(\d+)-(\d+)(?::(\d+))?\]|\[([A-Za-z])-([A-Za-z])\]|([{}\[\]])")


class Request(NamedTuple):
    """One request: where it goes, its head with what is known of its body, and what is not."""

    origin: bytes
    wire: bytes
    missing: Missing | None = None

    @property
    def tls(self) -> bool:
        """Whether curl speaks TLS there."""
        return self.origin.startswith((b"https:", b"wss:"))


class Part(NamedTuple):
    """One field of a form."""

    name: bytes
    content: bytes
    filename: bytes = b""
    type: bytes = b""


@dataclass(slots=True)
class Operation:
    """What the options between two --next say."""

    urls: list[bytes] = field(default_factory=list)
    headers: list[bytes] = field(default_factory=list)
    data: bytes | None = None
    data_missing: bool = False
    form: list[Part] = field(default_factory=list)
    form_missing: bool = False
    upload: bytes | None = None
    method: bytes | None = None
    target: bytes | None = None
    queries: list[bytes] = field(default_factory=list)
    cookies: list[bytes] = field(default_factory=list)
    user: bytes | None = None
    bearer: bytes | None = None
    agent: bytes = AGENT
    referer: bytes = b""
    range: bytes = b""
    version: bytes = b"HTTP/1.1"
    head: bool = False
    get: bool = False
    json: bool = False
    compressed: bool = False
    as_is: bool = False
    glob: bool = True

    def add_data(self, piece: bytes) -> None:
        """Another -d: curl puts & between them; --json puts nothing."""
        joint = b"" if self.json or not self.data else b"&"
        self.data = piece if self.data is None else self.data + joint + piece


class _Url(NamedTuple):
    scheme: bytes
    user: bytes | None
    host: bytes
    path: bytes
    query: bytes


def requests(operation: Operation, source: str) -> Iterator[Request]:
    """The requests that the operation sends, one for each URL."""
    for written in operation.urls:
        for url in _globbed(written, source) if operation.glob else (written,):
            yield _request(operation, _parsed(url, source))


def _parsed(url: bytes, source: str) -> _Url:
    shown = url.decode("utf-8", "replace")
    if re.search(rb"[\x00-\x20\x7f]", url):
        raise CaptureError(f"{source}: curl refuses the URL {shown!r}, since a blank or control character is in it")
    match = _URL.match(url)
    scheme = (match[1] or b"http").lower() if match else b""
    if match is None or scheme not in _DEFAULT_PORT or not match[3]:
        raise CaptureError(f"{source}: {shown!r} is no http or https URL, so there is no request to show")
    host = match[3].removesuffix(_DEFAULT_PORT[scheme])
    return _Url(scheme, match[2], host, _encoded(match[4] or b"/"), match[5] or b"")


def _encoded(text: bytes) -> bytes:
    """curl 8 percent-encodes bytes beyond ASCII in a path, and not in a query."""
    return text if text.isascii() else b"".join(b"%%%02x" % c if c > 0x7F else bytes((c,)) for c in text)


def _globbed(url: bytes, source: str) -> Iterator[bytes]:
    """curl's own {a,b} and [1-3]; an address in brackets is none."""
    host = re.match(rb"(?:[a-z]+://)?(?:[^/?#@]*@)?\[[0-9a-fA-F:.%]+\]", url)
    start = host.end() if host else 0
    choices: list[list[bytes]] = [[url[:start]]]
    for match in _GLOB.finditer(url, start):
        choices.append([url[start : match.start()]])
        choices.append(_choices(match, source))
        start = match.end()
    choices.append([url[start:]])
    total = 1
    for choice in choices:
        total *= len(choice)
    if total > MOST_URLS:
        raise CaptureError(f"{source}: the URL stands for {total} URLs. Give one of them")
    return (b"".join(parts) for parts in product(*choices))


def _choices(match: re.Match[bytes], source: str) -> list[bytes]:
    several, low, high, step, first, last, stray = match.groups()
    if stray:
        sign = stray.decode()
        raise CaptureError(f"{source}: curl refuses the URL: its {sign} has no partner. Use -g, or %-encode it")
    if several is not None:
        return several.split(b",")
    if low:
        steps = range(int(low), min(int(high), int(low) + 2 * MOST_URLS) + 1, int(step or 1) or 1)
        return [str(number).zfill(len(low)).encode() for number in steps]
    return [bytes((code,)) for code in range(first[0], last[0] + 1)]


def _request(operation: Operation, url: _Url) -> Request:
    data, form = operation.data, operation.form
    body, missing = b"", None
    if operation.get:
        query = b"&".join([*filter(None, (url.query[1:], data)), *operation.queries])
    else:
        query = b"&".join([*filter(None, (url.query[1:],)), *operation.queries])
    method = operation.method or _method(operation)
    own: list[tuple[bytes, bytes]] = []
    if (form or operation.form_missing) and not operation.get:
        body, missing = _multipart(form), Missing(length=None) if operation.form_missing else None
        own.append((b"Content-Type", b"multipart/form-data; boundary=" + BOUNDARY))
    elif (data is not None or operation.data_missing) and not operation.get:
        body, missing = data or b"", Missing(length=None) if operation.data_missing else None
        own.append((b"Content-Type", b"application/x-www-form-urlencoded"))
    elif operation.upload is not None:
        missing = Missing(length=None)
    chunked = any(_name(line) == b"transfer-encoding" and b"chunked" in line.lower() for line in operation.headers)
    if operation.upload == b"-" and not chunked:
        own.append((b"Transfer-Encoding", b"chunked"))
        chunked = True
    if missing:
        body, missing = b"", Missing(length=None, framed=chunked)
    elif own and not chunked:
        own.insert(0, (b"Content-Length", b"%d" % len(body)))
    elif own:
        body = as_chunks(body)
    target = operation.target or _target(operation, url, query)
    return Request(url.scheme + b"://" + url.host, _head(operation, url, method, target, own) + body, missing)


def _method(operation: Operation) -> bytes:
    if operation.head:
        return b"HEAD"
    if operation.upload is not None:
        return b"PUT"
    sends = operation.data is not None or operation.data_missing or operation.form or operation.form_missing
    return b"POST" if sends and not operation.get else b"GET"


def _target(operation: Operation, url: _Url, query: bytes) -> bytes:
    path = url.path if operation.as_is else without_dots(url.path)
    if operation.upload and path.endswith(b"/") and operation.upload not in (b"-", b"."):
        path += operation.upload.replace(b"\\", b"/").rpartition(b"/")[2]
    return path + (b"?" + query if query or url.query else b"")


def without_dots(path: bytes) -> bytes:
    """The path with its . and .. segments worked out, as curl does unless --path-as-is."""
    if b"/." not in path:
        return path
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for segment in segments:
        if segment == b"..":
            del kept[-1:]
        elif segment != b".":
            kept.append(segment)
    return b"/" + b"/".join(kept) + (b"/" if segments[-1] in (b".", b"..") and kept else b"")


def _head(operation: Operation, url: _Url, method: bytes, target: bytes, own: list[tuple[bytes, bytes]]) -> bytes:
    """curl's own fields that no -H replaces, then those of -H, then those of the body."""
    custom = operation.headers
    given = {_name(line) for line in custom}
    defaults = [(b"Host", url.host), *_credentials(operation, url)]
    defaults += [(b"Range", b"bytes=" + operation.range if operation.range else b"")]
    defaults += [(b"User-Agent", operation.agent), (b"Accept", b"application/json" if operation.json else b"*/*")]
    defaults += [(b"Accept-Encoding", ENCODINGS if operation.compressed else b""), (b"Referer", operation.referer)]
    defaults += [(b"Cookie", b";".join(operation.cookies))]
    if operation.json:
        defaults = [pair for pair in defaults if pair[0] != b"Accept"]
    lines = [method + b" " + target + b" " + operation.version]
    for name, value in defaults:
        if name == b"Host" and b"host" in given:
            lines += [line for line in _sent(custom) if _name(line) == b"host"][:1]
        elif value and name.lower() not in given:
            lines.append(name + b": " + value)
    lines += [line for line in _sent(custom) if _name(line) != b"host"]
    if operation.json:
        lines += [line for line in _JSON if _name(line) not in given]
    replaced = given | ({b"content-type"} if operation.json else set())
    lines += [name + b": " + value for name, value in own if name.lower() not in replaced]
    return b"\r\n".join(lines) + b"\r\n\r\n"


_JSON: Final = (b"Content-Type: application/json", b"Accept: application/json")


def _name(line: bytes) -> bytes:
    return re.split(rb"[:;]", line, maxsplit=1)[0].strip().lower()


def _sent(custom: list[bytes]) -> Iterator[bytes]:
    """The -H lines that go out: `Name:` only takes a default away, `Name;` sends an empty value."""
    for line in custom:
        name, colon, value = line.partition(b":")
        if colon and value.strip():
            yield line
        elif not colon and line.rstrip().endswith(b";"):
            yield name.rstrip()[:-1] + b":"


def _credentials(operation: Operation, url: _Url) -> Iterator[tuple[bytes, bytes]]:
    user = operation.user if operation.user is not None else url.user
    if operation.bearer is not None:
        yield b"Authorization", b"Bearer " + operation.bearer
    elif user is not None:
        pair = user if b":" in user else user + b":"
        yield b"Authorization", b"Basic " + base64.b64encode(pair)


_TYPES: Final = {
    b"gif": b"image/gif",
    b"jpg": b"image/jpeg",
    b"jpeg": b"image/jpeg",
    b"png": b"image/png",
    b"svg": b"image/svg+xml",
    b"txt": b"text/plain",
    b"htm": b"text/html",
    b"html": b"text/html",
    b"pdf": b"application/pdf",
    b"xml": b"application/xml",
}


def _multipart(parts: list[Part]) -> bytes:
    return b"".join(map(_part, parts)) + b"--" + BOUNDARY + b"--\r\n"


def _part(part: Part) -> bytes:
    lines = [b"--" + BOUNDARY, b'Content-Disposition: form-data; name="%b"' % _quoted(part.name)]
    if part.filename:
        lines[1] += b'; filename="%b"' % _quoted(part.filename)
    ending = part.filename.lower().rpartition(b".")
    if kind := part.type or (_TYPES.get(ending[2], b"") if ending[1] else b""):
        lines.append(b"Content-Type: " + kind)
    return b"\r\n".join([*lines, b"", part.content, b""])


def _quoted(text: bytes) -> bytes:
    return text.replace(b'"', b"%22").replace(b"\r", b"%0D").replace(b"\n", b"%0A")
