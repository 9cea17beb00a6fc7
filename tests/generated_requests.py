"""Requests that no person would write: drawn from a grammar, right or wrong in each part, then damaged."""

import random

from hypothesis import strategies as st

from tests.request_table import REQUESTS, cut, reads

_METHODS = st.sampled_from(b"GET GET HEAD POST PUT OPTIONS CONNECT M-SEARCH get PURGE BREW".split())
_TARGETS = st.one_of(
    st.sampled_from([b"", *b"/ /a?b=c * http://o/p?q#f /%C3%A9%zz h:80 /#f?q //h/p ? /?a#b?c http://o".split()]),
    st.binary(max_size=6).map(lambda data: b"/" + data),
    st.text("/?#%:@[]aA09.", max_size=12).map(str.encode),
)
_VERSIONS = st.sampled_from([*[b"HTTP/1.1"] * 6, b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"http/1.1", b""])
_FIELD_LINES = b"""\
Host: x
Host: x
Host: y
Accept: */*
Connection: close
Connection: Close, x
Connection: keep-alive
Connection: Upgrade
Upgrade: h2c
Upgrade: foo
Expect: 100-continue
Content-Length: 5
Content-Length: 0
Content-Length: 5, 5
Transfer-Encoding: chunked
Transfer-Encoding: gzip, chunked
Proxy-Connection: keep-alive
X-Forwarded-For: 1.2.3.4
X-Forwarded-For: 1.2.3.4, ::1
X-Forwarded-For: [
X-Forwarded-Proto: https
X : y
: z
 folded
no colon""".splitlines()
_FIELDS = st.one_of(
    st.sampled_from(_FIELD_LINES),
    st.builds(
        lambda name, value: name + b": " + value,
        st.sampled_from([b"X", b"Host", b"Connection", b"x-\xff"]),
        st.one_of(st.sampled_from([b"x", b"", b"close", b"5", b"chunked"]), st.binary(max_size=5)),
    ),
)
_CHUNKED_BODIES = [
    b"5\r\nhello\r\n0\r\n\r\n",
    b"5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n",
    b"5\r\nhello\r\n",
    b"5\nhello\n0\n\n",
    b"5\r\nhello0\r\n\r\n",
    b"A\r\n0123456789\r\n00\r\n\r\n",
    b"-5\r\nhello\r\n0\r\n\r\n",
    b"0\r\nConnection: close\r\n\r\n",
    b"zz\r\n",
    b"0\r\n",
]
_PLAIN_BODIES = [b"", b"", b"", b"hello", b"hell", b"hello!", b"\r\n"]
_BODIES = st.sampled_from([*_PLAIN_BODIES, *_CHUNKED_BODIES])
_DAMAGE = st.one_of(
    st.sampled_from([b"", b" ", b"\t", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\n\n", b"\x00", b"\x7f", b"\xff"]),
    st.sampled_from([b":", b",", b";", b"?", b"#", b"%", b"//", b"\xc3\xa9", b"0", b"5", b"f" * 18, b"x" * 300]),
    st.sampled_from([line + b"\r\n" for line in _FIELD_LINES]),
    st.sampled_from([b"GET ", b"HTTP/1.1", b"HTTP/1.0", b"close", *_CHUNKED_BODIES]),
    st.binary(max_size=3),
)
_SHORT = [data for name in REQUESTS if 0 < len(data := b"".join(reads(name))) < 400]


@st.composite
def _request(draw: st.DrawFn) -> bytes:
    line = b" ".join(part for part in (draw(_METHODS), draw(_TARGETS), draw(_VERSIONS)) if part or draw(st.booleans()))
    fields = draw(st.lists(_FIELDS, max_size=4))
    if draw(st.integers(0, 2)) == 0:
        # One that means to be right.
        body = draw(_BODIES)
        framing = b"Transfer-Encoding: chunked" if b"\r\n" in body else b"Content-Length: %d" % len(body)
        return b"\r\n".join([line, b"Host: x", framing, *fields, b"", body])
    end = draw(st.sampled_from([b"\r\n"] * 5 + [b"\n"]))
    return end.join([line, *fields, b"", draw(_BODIES)])


@st.composite
def connections(draw: st.DrawFn) -> bytes:
    """One to three requests, drawn or of the table, a few bytes of them damaged, perhaps not to their end."""
    one = st.one_of(_request(), _request(), st.sampled_from(_SHORT))
    data = b"".join(draw(st.lists(one, min_size=1, max_size=3)))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(data)))
        gone = draw(st.sampled_from([0, 0, 1, 2, 8]))
        data = data[:at] + draw(_DAMAGE) + data[at + gone :]
    return data[: draw(st.sampled_from([*[len(data)] * 4, max(len(data) - 3, 0), len(data) // 2]))]


def in_pieces(data: bytes, chance: random.Random) -> list[bytes]:
    """`data` cut at a few places; byte by byte every fourth time."""
    if len(data) < 2:
        return [data]
    if len(data) < 1000 and chance.random() < 0.25:
        return [data[at : at + 1] for at in range(len(data))]
    return list(cut(data, *sorted(chance.sample(range(1, len(data)), min(len(data) - 1, chance.randint(1, 5))))))
