"""For any bytes and any split, what asgi-inspect shows is what uvicorn's own protocol classes do (no application)."""

import os
import random
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import asgi_inspect
from asgi_inspect.exchange import By, Verdict
from asgi_inspect.servers.uvicorn_scope import Settings
from tests import oracle
from tests.comparison import SETTINGS, inspected, of_exchanges, same, stand_in, theirs
from tests.oracle import PARSERS, Observed, Parser, observe
from tests.request_table import REQUESTS, cut, get, post, reads, sized, splits

# A longer search for differences: FAITHFUL_EXAMPLES=200000 pytest tests/test_faithful.py -k generated
EXAMPLES = int(os.environ.get("FAITHFUL_EXAMPLES", "0"))

each_parser = pytest.mark.parametrize("parser", PARSERS)


# The table


@each_parser
@pytest.mark.parametrize("name", REQUESTS)
def test_the_table_whole(parser: Parser, name: str) -> None:
    """inspect() shows the scopes, messages, verdicts and bytes of uvicorn, and who closed."""
    check_inspection("whole, through inspect()", parser, b"".join(reads(name)), name)


@each_parser
@pytest.mark.parametrize("name", REQUESTS)
def test_the_table_split(parser: Parser, name: str) -> None:
    """The reads of the table, the bytes cut at random, and byte by byte up to 4 KiB."""
    data = b"".join(reads(name))
    _, *ways = splits(data, seed=len(name))
    for way in ([reads(name)] if len(reads(name)) > 1 else []) + ways:
        check_reads("split", parser, way, name)


@each_parser
def test_reads_are_cut_at_64_kib(parser: Parser) -> None:
    """inspect() delivers what one read of a socket holds at most, as uvicorn gets it."""
    for data in (sized(b"x" * 200_000), get(b"/" + b"a" * 70_000), sized(b"x" * 65_000) + get(b"/2")):
        pieces = [data[at : at + 65536] for at in range(0, len(data), 65536)]
        shown = inspected(data, parser=parser, read_size=65536)

        same(
            "whole, through inspect()",
            of_exchanges(shown.exchanges, messages_only=True),
            theirs(observe(parser, pieces), messages_only=True),
        )


def check_inspection(topic: str, parser: Parser, data: bytes, *what: object) -> None:
    """The public interface beside the oracle: everything equal, and each verdict what the bytes on the wire say."""
    shown = inspected(data, parser=parser)
    observed = observe(parser, [data])

    same(
        topic, of_exchanges(shown.exchanges, messages_only=True), theirs(observed, messages_only=True), parser, *what
    )
    refused = [exchange for exchange in shown.exchanges if exchange.verdict is Verdict.REJECTED]
    assert bool(refused) == was_refused(observed), (parser, *what)
    assert refused in ([], list(shown.exchanges[-1:])), "nothing comes behind a refusal"
    for exchange in shown.exchanges:
        if exchange.verdict is Verdict.ACCEPTED:
            assert exchange.scope is not None
            assert exchange.receive[-1:] == () or exchange.receive[-1].get("more_body") is not True


def was_refused(observed: Observed) -> bool:
    """uvicorn said 400, or would have: h11 cannot where an answer has begun, and that error escapes.

    The stand-in itself answers 200 alone.
    """
    return b"HTTP/1.1 400 Bad Request\r\n" in observed.wire or any("Protocol" in error for error in observed.errors)


def check_reads(topic: str, parser: Parser, pieces: Sequence[bytes], *what: object) -> None:
    same(topic, stand_in(parser, pieces), theirs(observe(parser, pieces), messages_only=True), parser, *what)


# Settings

PROXIED = [name for name in REQUESTS if name.startswith("proxy-")]
ROOTED = [name for name in REQUESTS if name.startswith(("target-", "plain-"))]


@each_parser
@pytest.mark.parametrize("root_path", ["/api", "/api/", "api", "/a%20b", "/"])
def test_root_path_stands_before_every_path(parser: Parser, root_path: str) -> None:
    """In `path` and in `raw_path`, and in `root_path` itself."""
    for name in ROOTED:
        data = b"".join(reads(name))
        same(
            "root_path",
            of_exchanges(inspected(data, parser=parser, root_path=root_path).exchanges, messages_only=True),
            theirs(observe(parser, [data], root_path=root_path), messages_only=True),
            parser,
            name,
            root_path,
        )


TRUST: list[tuple[dict[str, Any], str]] = [
    ({"forwarded_allow_ips": "*"}, "127.0.0.1"),
    ({"forwarded_allow_ips": "*"}, "203.0.113.9"),
    ({"forwarded_allow_ips": "127.0.0.1"}, "127.0.0.1"),
    ({"forwarded_allow_ips": "127.0.0.1"}, "203.0.113.9"),
    ({"forwarded_allow_ips": "127.0.0.1,::1"}, "::1"),
    ({"forwarded_allow_ips": "10.0.0.0/8, 203.0.113.0/24"}, "10.1.2.3"),
    ({"forwarded_allow_ips": "10.0.0.0/8, 203.0.113.0/24"}, "192.0.2.1"),
    ({"forwarded_allow_ips": "2001:db8::/32"}, "2001:db8::7"),
    ({"forwarded_allow_ips": "2001:db8::/32"}, "::1"),
    ({"forwarded_allow_ips": "testclient,10.0.0.1"}, "testclient"),
    ({"forwarded_allow_ips": "testclient,10.0.0.1"}, "otherclient"),
    ({"forwarded_allow_ips": ""}, "127.0.0.1"),
    ({"forwarded_allow_ips": "10.0.0.1/8"}, "10.0.0.1"),
    ({"proxy_headers": False}, "127.0.0.1"),
    ({"proxy_headers": False, "forwarded_allow_ips": "*"}, "127.0.0.1"),
]


@each_parser
@pytest.mark.parametrize(("config", "peer"), TRUST)
def test_forwarded_headers_count_from_the_trusted_alone(
    parser: Parser, config: dict[str, Any], peer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`client` and `scheme` for every proxy request of the table."""
    monkeypatch.setattr(oracle, "CLIENT", (peer, 4711))
    client = f"[{peer}]:4711" if ":" in peer else f"{peer}:4711"
    allowed = {"forwarded_allow_ips": "127.0.0.1,::1", **config}
    for name in PROXIED:
        data = b"".join(reads(name))
        same(
            "proxy headers",
            of_exchanges(inspected(data, parser=parser, client=client, **allowed).exchanges, messages_only=True),
            theirs(observe(parser, [data], **allowed), messages_only=True),
            parser,
            name,
            config,
            peer,
        )


@each_parser
@pytest.mark.parametrize(
    ("client", "server"),
    [(("203.0.113.9", 1), ("198.51.100.1", 80)), (("::1", 65535), ("2001:db8::1", 443)), (("h", 0), ("s", 0))],
)
def test_addresses_are_those_of_the_socket(
    parser: Parser, client: tuple[str, int], server: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As (host, port) tuples; port 0 too."""
    monkeypatch.setattr(oracle, "CLIENT", client)
    monkeypatch.setattr(oracle, "SERVER", server)
    told = {
        name: f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        for name, (host, port) in {"client": client, "server": server}.items()
    }

    same(
        "addresses",
        of_exchanges(inspected(get(b"/"), parser=parser, **told).exchanges, messages_only=True),
        theirs(observe(parser, [get(b"/")]), messages_only=True),
        parser,
        client,
        server,
    )


@each_parser
def test_a_unix_socket_has_no_client(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    """`client` is None then, and nobody is trusted but by `*`."""
    monkeypatch.setattr(oracle, "CLIENT", "")
    monkeypatch.setattr(oracle, "SERVER", "/run/uvicorn.sock")
    for allowed in ("127.0.0.1", "*"):
        unix = Settings(
            client=None,
            server=("/run/uvicorn.sock", None),
            forwarded_allow_ips=allowed,
            default_headers=SETTINGS.default_headers,
        )
        for name in PROXIED:
            same(
                "addresses",
                stand_in(parser, reads(name), unix),
                theirs(observe(parser, reads(name), forwarded_allow_ips=allowed), messages_only=True),
                parser,
                name,
            )


# Generated bytes

TOKENS = st.sampled_from(
    [b"", b" ", b"\t", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\n\n", b":", b": ", b",", b";", b"?", b"#", b"%", b"/", b"//"]
    + [b"\x00", b"\x7f", b"\xff", b"\xc3\xa9", b"0", b"5", b"0\r\n\r\n", b"5\r\nhello\r\n", b"ffffffffffffffffff"]
    + [b"GET ", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"Host: x\r\n", b"Content-Length: 5\r\n", b"close", b"a: b\r\n"]
    + [b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"Connection: close\r\n", b" folded\r\n"]
    + [b"Connection: keep-alive\r\n", b"Connection: upgrade\r\nUpgrade: h2c\r\n", b"Expect: 100-continue\r\n", b"x" * 300]
    + [b"X-Forwarded-For: 1.2.3.4, ::1\r\n", b"X-Forwarded-Proto: https\r\n", b"X-Forwarded-For: [\r\n"]
)
METHODS = st.sampled_from([b"GET", b"HEAD", b"POST", b"PUT", b"OPTIONS", b"CONNECT", b"M-SEARCH", b"get", b"PURGE", b"BREW"])
TARGETS = st.one_of(
    st.sampled_from([b"/", b"/a?b=c", b"*", b"http://o/p?q#f", b"/%C3%A9%zz", b"h:80", b"", b"/#f?q", b"//h/p", b"?"]),
    st.binary(max_size=6).map(lambda data: b"/" + data),
    st.text("/?#%:@[]aA09.", max_size=12).map(str.encode),
)
VERSIONS = st.sampled_from([b"HTTP/1.1"] * 6 + [b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"http/1.1", b""])
VALUES = st.one_of(st.sampled_from([b"x", b"", b"close", b"5", b"chunked"]), st.binary(max_size=5))
FIELDS = st.one_of(
    st.sampled_from(
        [b"Host: x"] * 3
        + [b"Accept: */*", b"Connection: close", b"Connection: keep-alive", b"Connection: Close, x", b"Expect: 100-continue"]
        + [b"Connection: Upgrade", b"Upgrade: h2c", b"Upgrade: foo", b"Content-Length: 5", b"Content-Length: 0", b" folded"]
        + [b"Content-Length: 5, 5", b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"X : y", b": z"]
        + [b"X-Forwarded-For: 1.2.3.4", b"X-Forwarded-Proto: https", b"Proxy-Connection: keep-alive"]
    ),
    st.builds(lambda name, value: name + b": " + value, st.sampled_from([b"X", b"Host", b"Connection", b"x-\xff"]), VALUES),
)
BODIES = st.sampled_from(
    [b""] * 3
    + [b"hello", b"hell", b"hello!", b"5\r\nhello\r\n0\r\n\r\n", b"5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n", b"5\r\nhello\r\n", b"0\r\n"]
    + [b"5\nhello\n0\n\n", b"zz\r\n", b"5\r\nhello0\r\n\r\n", b"A\r\n0123456789\r\n00\r\n\r\n", b"-5\r\nhello\r\n0\r\n\r\n", b"\r\n"]
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Something like a request: each part drawn by itself, right or wrong."""
    method = draw(METHODS)
    line = b" ".join(part for part in (method, draw(TARGETS), draw(VERSIONS)) if part or draw(st.booleans()))
    fields = draw(st.lists(FIELDS, max_size=4))
    if draw(st.integers(0, 2)) == 0:
        body = draw(BODIES)
        framing = b"Transfer-Encoding: chunked" if b"\r\n" in body else b"Content-Length: %d" % len(body)
        return b"\r\n".join([line, b"Host: x", framing, *fields, b"", body])
    end = draw(st.sampled_from([b"\r\n"] * 5 + [b"\n"]))
    return end.join([line, *fields, b"", draw(BODIES)])


@st.composite
def connections(draw: st.DrawFn) -> bytes:
    """One to three requests, of the table or drawn, some bytes of them changed."""
    table = st.sampled_from(SHORT)
    data = b"".join(draw(st.lists(st.one_of(requests(), requests(), table), min_size=1, max_size=3)))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(data)))
        gone = draw(st.sampled_from([0, 0, 1, 2, 8]))
        data = data[:at] + draw(st.one_of(TOKENS, st.binary(max_size=3))) + data[at + gone :]
    return data[: draw(st.sampled_from([len(data)] * 4 + [max(len(data) - 3, 0), len(data) // 2]))]


SHORT = [data for name in REQUESTS if 0 < len(data := b"".join(reads(name))) < 400]


def in_pieces(data: bytes, chance: random.Random) -> list[bytes]:
    """`data` cut at a few places; byte by byte every fourth time."""
    if len(data) < 2:
        return [data]
    if len(data) < 1000 and chance.random() < 0.25:
        return [data[at : at + 1] for at in range(len(data))]
    return list(cut(data, *sorted(chance.sample(range(1, len(data)), min(len(data) - 1, chance.randint(1, 5))))))


def check_any(topic: str, data: bytes, seed: int) -> None:
    """Whole through inspect(), in pieces through the player, both parsers; and typed text never raises."""
    pieces = in_pieces(data, random.Random(seed))
    for parser in PARSERS:
        check_inspection(topic, parser, data, data)
        check_reads(topic, parser, pieces, pieces)
    assert isinstance(asgi_inspect.inspect(data), asgi_inspect.Inspection)


generated = settings(deadline=None, derandomize=not EXAMPLES, suppress_health_check=list(HealthCheck), print_blob=True)


@settings(generated, max_examples=EXAMPLES or 1600)
@given(data=connections(), seed=st.integers(0, 1 << 30))
def test_generated_requests(data: bytes, seed: int) -> None:
    """Requests from a grammar, with mutations, cut, one behind the other."""
    check_any("generated requests", data, seed)


@settings(generated, max_examples=EXAMPLES or 500)
@given(data=st.binary(max_size=200), seed=st.integers(0, 1 << 30))
def test_generated_bytes(data: bytes, seed: int) -> None:
    """Bytes that mean nothing."""
    check_any("generated bytes", data, seed)


def test_what_uvicorn_refuses_is_answered_by_the_server() -> None:
    """The 400 is byte for byte uvicorn's, and said to be the server's, not the stand-in's."""
    for parser in PARSERS:
        [exchange] = inspected(b"GET / HTTP/1.1\r\nHost: a\r\nbad name: 1\r\n\r\n", parser=parser).exchanges
        assert exchange.response is not None
        assert exchange.response.by is By.SERVER
        assert exchange.response.wire == observe(parser, [exchange.span.of(b"GET / HTTP/1.1\r\nHost: a\r\nbad name: 1\r\n\r\n")]).wire
        assert re.match(rb"HTTP/1\.1 400 Bad Request\r\n", exchange.response.wire)  # type: ignore[arg-type]
