"""For any bytes and any split, what asgi-inspect shows is what uvicorn's own protocol classes do (no application)."""

import os
import random
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
from tests.generated_requests import connections, in_pieces
from tests.oracle import PARSERS, Observed, Parser, observe
from tests.request_table import REQUESTS, chunked, get, reads, sized, splits

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

    same(topic, of_exchanges(shown.exchanges, messages_only=True), theirs(observed, messages_only=True), parser, *what)
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


@each_parser
def test_a_refusal_is_the_servers(parser: Parser) -> None:
    """The 400 is uvicorn's byte for byte, and said to be the server's, not the stand-in's."""
    [exchange] = inspected(get(b"/", b"bad name: 1"), parser=parser).exchanges

    assert exchange.response is not None
    assert exchange.response.by is By.SERVER
    assert exchange.response.status == 400
    assert exchange.response.body == b"Invalid HTTP request received."
    assert exchange.response.wire == observe(parser, [get(b"/", b"bad name: 1")]).wire


# Found by the generated requests


def test_a_400_in_answer_to_head_has_no_body_from_h11() -> None:
    """h11 leaves the body out and keeps its framing; that is no chunk to decode."""
    [exchange] = inspected(chunked(b"zz\r\n").replace(b"POST", b"HEAD"), parser="h11").exchanges

    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (400, b"")


def test_a_request_whose_turn_never_comes_is_not_taken_for_the_refused_one() -> None:
    """httptools reads ahead: the 400 for the third closes the connection before the second is called."""
    first, second = get(b"/1"), get(b"/2")
    for third in (b"garbage\r\n\r\n", chunked(b"zz\r\n")):
        shown = inspected(first + second + third, parser="httptools")
        called, refused = shown.exchanges

        assert called.response is None
        assert (refused.verdict, refused.scope) == (Verdict.REJECTED, None)
        assert refused.span.of(first + second + third) == third
        assert refused.response is not None
        assert refused.response.status == 400
        assert [span.of(first + second + third) for _, span in shown.unread] == [second]
