"""A capture that names https URLs says that its bytes do not show TLS, once, unless --scheme https is given."""

from __future__ import annotations

import base64
import json

import pytest

from asgi_inspect import Severity, inspect

GET = b"GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n"
HAR = {
    "log": {
        "version": "1.2",
        "entries": [
            {
                "request": {
                    "method": "GET",
                    "url": f"https://shop.example/{name}",
                    "headers": [],
                    "httpVersion": "HTTP/1.1",
                }
            }
            for name in "ab"
        ],
    }
}
MITMDUMP = b"""127.0.0.1:37286: GET https://shop.example/a HTTP/1.1
    Host: shop.example
    Accept: */*
 << 200 OK 12b
"""
CAPTURES = {
    "curl": b"curl https://shop.example/a -H 'Accept: text/plain'\n",
    "httpie": b"https GET shop.example/a\n",
    "httpie with a URL": b"http GET https://shop.example/a\n",
    "fetch": b'fetch("https://shop.example/a", {"method": "GET"});\n',
    "powershell": b'Invoke-WebRequest -UseBasicParsing -Uri "https://shop.example/a"\n',
    "har": json.dumps(HAR).encode(),
    ".http": b"GET https://shop.example/a\nAccept: text/plain\n",
    "mitmdump": MITMDUMP,
    "warc": b"WARC/1.1\r\nWARC-Type: request\r\nWARC-Target-URI: https://shop.example/a\r\n"
    b"Content-Length: %d\r\n\r\n%b\r\n\r\n" % (len(GET), GET),
    "burp": b'<?xml version="1.0"?>\n<items burpVersion="2023.1"><item><protocol>https</protocol>'
    b'<request base64="true"><![CDATA[%b]]></request></item></items>' % base64.b64encode(GET),
    "websocket": b"curl -N -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' "
    b"-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' wss://shop.example/a\n",
}


def rules(data: bytes, **options: object) -> list[str]:
    return [finding.rule for finding in inspect(data, **options).findings]


@pytest.mark.parametrize("data", CAPTURES.values(), ids=CAPTURES)
def test_an_https_url_is_noted_once(data: bytes) -> None:
    (note,) = (finding for finding in inspect(data).findings if finding.rule == "https-as-http")

    assert note.severity is Severity.NOTE
    assert "--scheme, http or ws" in note.message
    assert "--scheme https" in note.help


@pytest.mark.parametrize("data", CAPTURES.values(), ids=CAPTURES)
def test_with_the_scheme_given_there_is_nothing_to_note(data: bytes) -> None:
    inspection = inspect(data, scheme="https")

    assert {(exchange.scope or {})["scheme"] for exchange in inspection.exchanges} <= {"https", "wss"}
    assert "https-as-http" not in [finding.rule for finding in inspection.findings]


@pytest.mark.parametrize("data", CAPTURES.values(), ids=CAPTURES)
def test_an_http_url_is_not_noted(data: bytes) -> None:
    plain = data.replace(b"https", b"http").replace(b"wss", b"ws")

    assert "https-as-http" not in rules(plain)


def test_only_the_connections_that_are_shown_count() -> None:
    both = b"curl http://shop.example/a\ncurl https://shop.example/b\n"

    assert "https-as-http" not in rules(both, connection=1)
    assert "https-as-http" in rules(both, connection=2)
