"""A dry run shows what uvicorn's own protocol classes do with the same bytes and the same application.

Scopes, messages received, what send() raised and with which words, what the application raised, the bytes on the wire,
and whether the server closed. Most run on a loop whose clock stands still, which makes the limits of time free.
"""

import asyncio
import os
from collections.abc import Sequence
from typing import Any

import pytest

import asgi_inspect
from asgi_inspect.options import Options
from asgi_inspect.recording import Outcome
from tests.comparison import DATE, Seen, dry_run, inspected, of_exchanges, same, theirs
from tests.oracle import BEHAVIOURS, PARSERS, Parser, observe
from tests.request_table import REQUESTS, get, reads, sized, splits

# Their receive() waits for a client that has no reason to leave: they end when time is out.
WAITING = {"reads_until_disconnect", "answers_after_disconnect", "two_concurrent_receives"}

PLAIN = [
    "plain-get",
    "plain-get-10",
    "plain-head",
    "plain-head-10",
    "plain-post",
    "plain-post-binary",
    "plain-post-chunked",
    "plain-post-no-length",
    "plain-options",
    "plain-get-with-length",
    "plain-get-with-chunks",
    "plain-head-with-length",
]
FRAMED = [
    "chunk-trailer",
    "chunk-then-garbage",
    "chunk-trailer-later",
    "chunk-trailer-bad-later",
    "chunk-body-later",
    "chunk-data-in-pieces",
    "chunk-bad-later",
    "chunk-bad-after-end",
    "chunk-second-bad",
    "chunk-head",
    "length-body-in-pieces",
    "length-body-too-long-later",
    "length-shorter",
    "length-longer",
    "coding-gzip",
    "size-body-65537-after-head",
    "size-body-200000-in-four",
    "size-body-200000-in-twenty",
    "size-body-100000-then-get-later",
    "size-chunks-100000-in-four",
    "size-body-short-of-100000",
    "size-head-16385",
]
KEPT_OR_CLOSED = [
    "connection-11-plain",
    "connection-11-close",
    "connection-11-close-in-list",
    "connection-11-two-fields",
    "connection-10-plain",
    "connection-10-keep-alive",
    "connection-close-post-body-later",
    "connection-close-same-read",
    "connection-close-garbage-same-read",
    "connection-10-same-read",
    "connection-10-keep-alive-same-read",
    "connection-10-post-garbage",
    "connection-second-closes",
    "connection-head-close",
]
EXPECTING = [
    "expect-continue",
    "expect-part-in-first-read",
    "expect-no-body",
    "expect-chunked",
    "expect-never-sent",
    "expect-part-sent",
    "expect-bad-chunk",
    "expect-then-get",
    "expect-twice-in-a-row",
    "expect-pipelined",
    "expect-pipelined-second",
    "expect-pipelined-second-body-later",
]
UPGRADING = [
    "upgrade-foo",
    "upgrade-post",
    "upgrade-chunked-later",
    "upgrade-then-get",
    "upgrade-then-get-later",
    "upgrade-then-garbage",
    "upgrade-second-then-third",
    "upgrade-expect",
]
METHODS = ["method-connect-authority", "method-connect-length", "method-connect-then-get", "method-connect-data-later"]
SEVERAL = [
    "pipeline-2",
    "pipeline-3",
    "pipeline-3-apart",
    "pipeline-posts",
    "pipeline-heads",
    "pipeline-post-then-get",
    "pipeline-get-then-post-body-later",
    "pipeline-get-then-post-unfinished",
    "pipeline-posts-unfinished",
    "pipeline-garbage-after",
    "pipeline-garbage-after-apart",
    "pipeline-garbage-after-post",
    "pipeline-bad-second",
    "pipeline-bad-third",
    "pipeline-bad-chunk-second",
    "pipeline-bad-chunk-first",
    "pipeline-10-first",
    "pipeline-close-first",
    "pipeline-cut-in-second-body",
    "pipeline-cut-in-first-body",
    "pipeline-second-unfinished-head",
    "pipeline-large-bodies",
    "pipeline-large-body-second-cut",
    "pipeline-paused-then-more",
    "pipeline-connect-second",
    "pipeline-post-too-long",
]
SHORT = [
    "truncated-head-end",
    "truncated-chunk-data",
    "truncated-chunk-end",
    "truncated-body-none",
    "truncated-body-one-byte-short",
    "truncated-body-in-pieces",
    "truncated-close",
    "truncated-10",
    "truncated-large-in-two",
    "garbage-word",
    "garbage-then-get",
]
CHOSEN = [*PLAIN, *FRAMED, *KEPT_OR_CLOSED, *EXPECTING, *UPGRADING, *METHODS, *SEVERAL, *SHORT]

# FAITHFUL_ALL=1 takes the whole table: 300,000 cases and more, ten minutes.
if os.environ.get("FAITHFUL_ALL"):
    CHOSEN = list(REQUESTS)

each_parser = pytest.mark.parametrize("parser", PARSERS)


@each_parser
@pytest.mark.parametrize("name", CHOSEN)
def test_every_behaviour_on_one_request(parser: Parser, name: str) -> None:
    """In the reads of the table."""
    for behaviour in BEHAVIOURS:
        check(parser, reads(name), behaviour, name)


@each_parser
@pytest.mark.parametrize("name", [name for name in CHOSEN if 1 < len(b"".join(reads(name))) < 300])
def test_some_behaviours_on_a_request_in_pieces(parser: Parser, name: str) -> None:
    """Cut at random or byte by byte; which behaviours depends on the request, so that all have their turn."""
    _, *ways = splits(b"".join(reads(name)), seed=len(name))
    chosen = [behaviour for number, behaviour in enumerate(BEHAVIOURS) if (number + len(name)) % 7 == 0]
    for number, behaviour in enumerate(chosen):
        check(parser, ways[number % len(ways)], behaviour, name)


def check(parser: Parser, pieces: Sequence[bytes], behaviour: str, name: str) -> None:
    app = BEHAVIOURS[behaviour]
    same(
        "dry runs", dry_run(parser, pieces, app), theirs(observe(parser, pieces, app)), parser, name, behaviour, pieces
    )


# The public interface, its own thread and the real clock


def shown(parser: Parser, data: bytes, behaviour: str, **options: Any) -> tuple[Seen, asgi_inspect.Inspection]:
    limit = 0.15 if behaviour in WAITING else 20
    inspection = inspected(
        data, parser=parser, app=BEHAVIOURS[behaviour], lifespan="off", timeout=limit, body_limit=1 << 30, **options
    )
    return of_exchanges(inspection.exchanges), inspection


@each_parser
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_every_behaviour_through_the_public_interface(parser: Parser, behaviour: str) -> None:
    """inspect() with `app` comes to the same, one request and two."""
    for data in (sized(b"hello"), get(b"/1") + get(b"/2")):
        seen, inspection = shown(parser, data, behaviour, loop="asyncio")
        expected = theirs(observe(parser, [data], BEHAVIOURS[behaviour]))

        same("dry runs through inspect()", seen, expected, parser, behaviour, data)
        waits = behaviour in WAITING
        assert (inspection.exchanges[0].outcome is Outcome.TIMED_OUT) == waits, inspection.exchanges[0].outcome


@each_parser
@pytest.mark.parametrize("behaviour", sorted(set(BEHAVIOURS) - {"raise_base_exception"} - WAITING)[::4])
def test_uvloop_comes_to_the_same(parser: Parser, behaviour: str) -> None:
    """The application runs on uvloop where that is asked for."""
    data = sized(b"hello")
    seen, _ = shown(parser, data, behaviour, loop="uvloop")

    same("dry runs on uvloop", seen, theirs(observe(parser, [data], BEHAVIOURS[behaviour])), parser, behaviour)


@each_parser
@pytest.mark.parametrize("behaviour", sorted(set(BEHAVIOURS) - WAITING)[::4])
def test_inspect_async_comes_to_the_same(parser: Parser, behaviour: str) -> None:
    """In a loop that is already running, and is not ours."""
    data = sized(b"hello")
    app = BEHAVIOURS[behaviour]
    options = Options(parser=parser, app=app, lifespan="off", strict_bytes=True, date=DATE, timeout=20)

    inspection = asyncio.run(asgi_inspect.inspect_async(data, options))

    seen = of_exchanges(inspection.exchanges)
    same("dry runs through inspect_async()", seen, theirs(observe(parser, [data], app)), parser, behaviour)
