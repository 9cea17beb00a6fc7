"""Bytes that act on whatever shows them, the places of a request they may stand in, and what no report may hold."""

from __future__ import annotations

import unicodedata

HOSTILE: dict[str, bytes] = {
    "colour": b"\x1b[31mred\x1b[0m",
    "clear the screen": b"\x1b[2J\x1b[H",
    "title": b"\x1b]0;owned\x07",
    "link": b"\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "device query": b"\x1b[6n\x1bP+q544e\x1b\\",
    "C0": bytes(set(range(1, 32)) - set(b"\r\n")),
    "backspaces": b"secret\x08\x08\x08\x08\x08\x08",
    "DEL": b"\x7f",
    "C1 in UTF-8": "\x9b31m\x85\x90\x9d".encode(),
    "C1 alone": b"\x9b31m\x90\x9d",
    "bidi": "user\u202e\u2066txt.exe\u2069\u202c".encode(),
    "bidi marks": "\u200e\u200f\u061c".encode(),
    "zero width": "a\u200bb\u200cc\u200dd\u2060e\ufeff".encode(),
    "line separators": "a\u2028b\u2029c\x85d".encode(),
    "tags and selectors": "a\U000e0041\U000e007f\ufe0f\U000e0100".encode(),
    "markup": b"[bold red]loud[/] [link=http://evil.example]x[/link] [/] [blink]",
    "emoji markup": b":smiley: :bomb:",
    "NUL": b"a\x00b",
    "broken UTF-8": b"\xc3\x28\xa0\xff\xfe\xe2\x82",
    "surrogates": b"\xed\xa0\x80\xed\xbf\xbf",
    "overlong": b"\xc0\xaf\xe0\x80\x9b",
    "byte order mark": b"\xef\xbb\xbf",
    "wide": "漢字カナ한글 😀🏴‍☠️ é é".encode(),
    "private use": "\ue000\uf8ff\U000f0000\U0010fffd".encode(),
    "long": b"\x1b[7m" + b"a" * 3000,
    "carriage return": b"safe\revil",
    "backslashes": b"\\x1b[31m\\r\\n\\",
    "quotes": b"'\"'''\"\"\"{}%s",
    "markup for a browser": b"<script>alert(1)</script><img src=x onerror=alert(1)></style>]]><!-- --!>",
    "attributes": b"\" onmouseover=alert(1) x='` javascript:alert(1) &quot;&#60;script&#62;",
    "workflow commands": b"x%0A::error file=/etc/passwd,line=1::owned%0D::set-output name=x::y ::stop-commands::z",
    "a diagram": b"app->>server: owned; end %%{init: {'theme': 'x'}}%% ``` participant X",
    "a formula": b"=cmd|' /C calc'!A0\t@SUM(1)\t-1+1",
}

PLACES = {
    "method": b"GE%bT / HTTP/1.1\r\nHost: x\r\n\r\n",
    "target": b"GET /%b?%b HTTP/1.1\r\nHost: x\r\n\r\n",
    "version": b"GET / HTTP/1.1%b\r\nHost: x\r\n\r\n",
    "host": b"GET / HTTP/1.1\r\nHost: %b\r\n\r\n",
    "header name": b"GET / HTTP/1.1\r\nHost: x\r\nX%b: y\r\n\r\n",
    "header value": b"GET / HTTP/1.1\r\nHost: x\r\nX: %b\r\n\r\n",
    "framing": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %b\r\nTransfer-Encoding: %b\r\n\r\nbody",
    "body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n%b",
    "chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n%b\r\n0\r\n\r\n",
    "chunk size": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%b\r\nabc\r\n0\r\n\r\n",
    "chunk extension": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;x=%b\r\nabc\r\n0\r\n\r\n",
    "trailer": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: %b\r\n\r\n",
    "left over": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n%b",
    "everything": b"%b",
}


def unsafe(text: str) -> set[str]:
    """The characters of `text` that a terminal could act on, or that hide or reorder others."""
    return {
        character
        for character in set(text) - {"\n"}
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        or "VARIATION SELECTOR" in unicodedata.name(character, "")
    }
