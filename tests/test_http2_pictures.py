"""HTTP/2 in pictures: streams beside each other, frames on the page, and no byte that makes trouble."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import asgi_inspect
from asgi_inspect import Inspection
from asgi_inspect.render.as_html import as_html
from asgi_inspect.render.scene import APP, Kind
from asgi_inspect.render.sequence import group_scene, overlapping, scenes
from tests.http2_cases import REQUESTS
from tests.http2_frames import OPENING, POST, data, headers
from tests.test_as_html import Outline
from tests.test_pictures_of_anything import drawn

INTERLEAVED = OPENING + REQUESTS["two bodies interleaved"]


async def slow(scope: Any, receive: Any, send: Any) -> None:
    """It reads the whole body, waits, and gives it back."""
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await asyncio.sleep(0.02)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": body})


def inspected(whole: bytes, app: Any = slow) -> Inspection:
    return asgi_inspect.inspect(whole, app=app, lifespan="off", timeout=1)


def test_streams_at_the_same_time_share_a_scene_with_a_lane_each() -> None:
    exchanges = inspected(INTERLEAVED).exchanges
    (group,) = overlapping(exchanges)
    scene = group_scene(group)

    assert [exchange.number for exchange in group] == [1, 2]
    assert scene.lanes == ("app, request 1", "app, request 2")
    assert {row.start for row in scene.rows if row.kind is Kind.SEND} == {APP, APP + 1}
    times = [row.at for row in scene.rows if row.at is not None]
    assert times == sorted(times)


def test_streams_one_after_the_other_have_scenes_of_their_own() -> None:
    async def answers(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    first = OPENING + headers(POST, end=False) + data(b"a")
    second = headers(POST, stream=3, end=False) + data(b"b")
    inspection = asgi_inspect.inspect(first + second, app=answers, lifespan="off", read_size=len(first))

    assert len(list(scenes(inspection))) == 2


def test_the_page_tells_frames_fields_and_who_wrote_them() -> None:
    page = as_html(inspected(INTERLEAVED), body_limit=2048)
    text = Outline(page).text

    assert "Streams at the same time" in text
    assert "POST /a?b=c HTTP/2" in text
    assert ":authority: example.org" in text
    assert "DATA END_STREAM, 1 byte" in text
    assert '<div class="w status"><code>HTTP/2 200</code></div>' in page
    assert '<code>content-type: text/html</code><span class="by">app</span>' in page


@pytest.mark.parametrize("app", [None, slow], ids=["no application", "an application"])
@pytest.mark.parametrize("name", REQUESTS)
def test_of_any_frames(name: str, app: Any) -> None:
    drawn(inspected(OPENING + REQUESTS[name], app))


def test_a_request_of_http_1_as_it_would_look_there() -> None:
    data = b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    inspection = asgi_inspect.inspect(data, http2=True)

    drawn(inspection)
    assert "As it would look over HTTP/2" in Outline(as_html(inspection, body_limit=2048)).text
