"""`fetch("…", {…})` as browsers copy it, for a page or for Node: the request that the call describes.

The Fetch Standard keeps Host, Cookie, User-Agent and others from scripts (forbidden request-headers),
so a copied call does not hold them. Host, Referer and the body's length are worked out; nothing is run.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import urlsplit

from ..findings import Finding, Severity
from .capture import Capture, CaptureError, Fidelity
from .composing import Fields, as_bytes, doubtful_text, has, head, not_the_wire, target_of
from .gathering import Gathering
from .refusal import refuse

FORMAT: Final = "fetch"
_MARK = re.compile(rb"\s*+(?:await )?fetch\([\"'](?:(?:https?|wss?):/)?/")
_CALL = re.compile(r"[\s;]*+(?:await\s+)?fetch\(\s*+(?=\")")
_COMMA = re.compile(r"\s*+,\s*+(?=\{)")
_CLOSE = re.compile(r"\s*+,?\s*+\)[\s;]*+")
_WITH_LENGTH: Final = ("POST", "PUT")  # a body of no bytes is told to the server, as the Fetch Standard asks
_NORMALIZED: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT")
_AGAIN: Final = 'Copy it again with the browser\'s "Copy as fetch", or better "Copy as cURL"'


def recognise(head_: bytes) -> str | None:
    """Why this is a copied fetch(…), or None."""
    return "it begins with fetch( and a URL" if _MARK.match(head_) else None


def read(data: bytes, source: str) -> Capture:
    """The requests of all calls, each a connection of its own."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise refuse(source, data, error.start, "expected text in UTF-8", _AGAIN) from None
    out, position, number, cookies = Gathering(), 0, 0, False
    while position < len(text):
        url, options, position = _call(text, position, data, source)
        number += 1
        cookies = cookies or options.get("credentials") == "include"
        out.sent(number, _request(url, options, source))
        if (target := target_of(url)) and target.tls:
            out.over_tls(number)
        if doubt := doubtful_text(options.get("body") or "", number):
            out.note(doubt)
    out.note(not_the_wire("A copied fetch()", "the order of fields and what the browser adds by itself"))
    out.note(_left_out(cookies))
    return out.capture(source, FORMAT, fidelity=Fidelity.RECONSTRUCTED)


def _call(text: str, position: int, data: bytes, source: str) -> tuple[str, dict[str, Any], int]:
    """The URL and the options of the call at `position`, and where the next may begin."""

    def misfit(at: int, problem: str) -> CaptureError:
        return refuse(source, data, len(text[:at].encode()), problem, _AGAIN)

    call = _CALL.match(text, position)
    if call is None:
        raise misfit(position, 'expected fetch("…", {…}) with a URL in double quotes')
    decoder = json.JSONDecoder(strict=False)
    options: Any = {}
    try:
        url, position = decoder.raw_decode(text, call.end())
        if comma := _COMMA.match(text, position):
            options, position = decoder.raw_decode(text, comma.end())
    except json.JSONDecodeError as error:
        raise misfit(error.pos, f"expected what a browser copies, which is JSON ({error.msg})") from None
    except RecursionError:
        raise misfit(position, "expected what a browser copies, not braces without end") from None
    close = _CLOSE.match(text, position)
    if close is None:
        raise misfit(position, "expected ) at the end of the call")
    return url, options, close.end()


def _request(url: str, options: dict[str, Any], source: str) -> bytes:
    target = target_of(url)
    body = options.get("body")
    headers = options.get("headers") or {}
    if target is None or not isinstance(headers, dict) or not isinstance(body, str | None):
        raise CaptureError(f"{source}: expected a URL with a host, and headers and body as text. {_AGAIN}")
    method = str(options.get("method") or "GET")
    method = method.upper() if method.upper() in _NORMALIZED else method
    fields: Fields = [(as_bytes(name), as_bytes(str(value)).strip()) for name, value in headers.items()]
    if not has(fields, b"host"):
        fields.insert(0, (b"Host", target.host))
    if (referrer := _referrer(url, options)) and not has(fields, b"referer"):
        fields.append((b"Referer", as_bytes(referrer)))
    if body is not None and not has(fields, b"content-type"):
        fields.append((b"Content-Type", b"text/plain;charset=UTF-8"))
    content = as_bytes(body or "")
    if (body is not None or method in _WITH_LENGTH) and not has(fields, b"content-length"):
        fields.append((b"Content-Length", b"%d" % len(content)))
    return head(as_bytes(method), target.target, fields) + content


def _referrer(url: str, options: dict[str, Any]) -> str:
    """Referer under the browsers' own policy, strict-origin-when-cross-origin: all of it to its own origin only."""
    referrer = options.get("referrer")
    if (
        not isinstance(referrer, str)
        or not referrer.startswith("http")
        or options.get("referrerPolicy") == "no-referrer"
    ):
        return ""
    here, there = urlsplit(referrer), urlsplit(url)
    same = (here.scheme, here.netloc) == (there.scheme, there.netloc)
    return referrer.partition("#")[0] if same else f"{here.scheme}://{here.netloc}/"


def _left_out(cookies: bool) -> Finding:
    lost = "Cookie, which this browser sent, " if cookies else ""
    return Finding(
        rule="fields-left-out",
        severity=Severity.WARNING,
        message=f"A copied fetch() does not hold what a script may not set: {lost}"
        "User-Agent, Origin, Accept-Encoding, Connection and their like.",
        help='Use the browser\'s "Copy as cURL", or "Save all as HAR", which keep them.',
    )
