"""The conversation as arrows: who says what to whom, in which order, and how a picture places it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import asgi_inspect
from asgi_inspect.asgi import Receive, Scope, Send
from asgi_inspect.render.scene import APP, CLIENT, SERVER, Kind, Row, Scene
from asgi_inspect.render.sequence import group_scene, overlapping, scenes
from asgi_inspect.render.sequence_svg import scene_svg
from tests.commands import HELLO
from tests.reports import RUNS, inspected

WAYS = {CLIENT: "client", SERVER: "server", APP: "app"}


def told(scene: Scene) -> list[str]:
    """Each row as "from > to: text", a note as "lane: text"."""
    return [
        f"{WAYS[row.start]}{'' if row.start == row.end else f' > {WAYS[row.end]}'}: {row.text}" for row in scene.rows
    ]


def test_a_request_is_read_answered_and_over() -> None:
    startup, request, shutdown = scenes(inspected("plain"))

    assert told(startup) == [
        "server > app: calls app(scope, receive, send), a lifespan scope",
        "app > server: receive()",
        "server > app: lifespan.startup",
        "app > server: send lifespan.startup.complete",
        "app > server: receive()",
    ]
    assert told(request) == [
        "client > server: GET /hello?name=John HTTP/1.1, 93 bytes",
        "server > app: calls app(scope, receive, send)",
        "app > server: send http.response.start 200",
        "server > client: HTTP/1.1 200 OK, 125 bytes",
        "app > server: send http.response.body, 25 bytes, last",
        "server > client: 25 bytes",
        "app > server: returns",
        "server: kept alive",
    ]
    assert told(shutdown) == [
        "server > app: lifespan.shutdown",
        "app > server: send lifespan.shutdown.complete",
        "app > server: returns",
    ]
    assert shutdown.rows[0].at == 0.0


def test_each_read_arrives_before_the_message_that_it_becomes() -> None:
    async def reads_all(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            pass
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    data = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + b"x" * 100
    inspection = asgi_inspect.inspect(data, app=reads_all, lifespan="off", read_size=100)
    (scene,) = scenes(inspection)

    assert told(scene)[:7] == [
        "client > server: POST / HTTP/1.1, 100 bytes",
        "server > app: calls app(scope, receive, send)",
        "app > server: receive()",
        "server > app: http.request, 51 bytes, more follows",
        "app > server: receive()",
        "client > server: 49 bytes",
        "server > app: http.request, 49 bytes, last",
    ]
    times = [row.at for row in scene.rows if row.at is not None]
    assert times == sorted(times)
    assert times[0] < 0 == times[1]


def test_frames_stand_beside_the_messages_they_became() -> None:
    request = list(scenes(inspected("a WebSocket")))[1]

    assert told(request)[4:] == [
        "app > server: send websocket.accept, subprotocol chat",
        "server > client: HTTP/1.1 101 Switching Protocols, 213 bytes",
        "app > server: receive()",
        'client > server: text, 5 bytes "hello"',
        "server > app: websocket.receive, text, 5 characters hello",
        "app > server: send websocket.send, text, 5 characters HELLO",
        'server > client: text, 5 bytes "HELLO"',
        "app > server: receive()",
        "client > server: close 1000",
        "server > app: websocket.disconnect 1000",
        "server > client: close 1000",
        "app > server: returns",
        "server: closed: the client closed with 1000",
    ]


def test_without_an_application_it_says_what_would_be() -> None:
    (scene,) = scenes(inspected("without an application"))

    assert told(scene) == [
        "client > server: GET /hello?name=John HTTP/1.1, 93 bytes",
        "server > app: would call app(scope, receive, send)",
        "server > app: http.request, 0 bytes, last",
    ]
    assert {row.at for row in scene.rows} == {None}
    assert 'class="bar"' not in scene_svg(scene, "server")[0]


def test_a_client_that_gives_up_and_a_server_that_refuses_are_told() -> None:
    never = list(scenes(inspected("never")))[-1]
    refused = list(scenes(inspected("refused")))[-2]

    assert told(never)[-2:] == [
        "client: time is up: the client leaves",
        "server: closed: the client has waited long enough, and left",
    ]
    assert next(row.at for row in never.rows if row.start == row.end == CLIENT) == pytest.approx(200, abs=150)
    assert told(refused)[1] == "server > client: HTTP/1.1 400 Bad Request, 192 bytes"
    assert refused.bad


@pytest.mark.parametrize("name", RUNS)
def test_every_byte_on_the_wire_is_in_an_arrow(name: str) -> None:
    """Sizes of arrows to the client add up to the response, but for frames, which are told as frames."""
    for exchange in inspected(name).exchanges:
        scene = group_scene([exchange])
        sizes = [re.search(r"(\d+) bytes?$", row.text) for row in scene.rows if row.kind is Kind.WIRE]
        total = sum(int(size[1]) for size in sizes if size)
        if exchange.response is not None and exchange.response.by is not asgi_inspect.By.STAND_IN:
            upgraded = exchange.websocket is not None
            assert total == len(exchange.response.wire) if not upgraded else total <= len(exchange.response.wire)
        else:
            assert total == 0


def streams(*began: float) -> tuple[asgi_inspect.Exchange, ...]:
    """Requests of one HTTP/2 connection that were called at these milliseconds, made from a real one."""
    exchange = inspected("plain").exchanges[0]
    assert exchange.request is not None
    head = exchange.request._replace(http_version="2")
    return tuple(replace(exchange, number=number, began=at, request=head) for number, at in enumerate(began, 1))


def test_streams_at_the_same_time_share_a_scene_with_a_lane_each() -> None:
    exchanges = streams(0.0, 0.001, 5000.0)
    groups = list(overlapping(exchanges))

    assert [[exchange.number for exchange in group] for group in groups] == [[1, 2], [3]]
    scene = group_scene(groups[0])
    assert scene.lanes == ("app, request 1", "app, request 2")
    assert {row.start for row in scene.rows if row.kind is Kind.SEND} == {APP, APP + 1}
    times = [row.at for row in scene.rows if row.at is not None]
    assert times == sorted(times)


def test_requests_of_http_1_never_share_a_scene() -> None:
    assert [len(group) for group in overlapping(inspected("pipelined").exchanges)] == [1, 1]


def heights(scene: Scene) -> list[float]:
    """Where the arrows are drawn."""
    drawn, _ = scene_svg(scene, "server")
    return [float(y) for y in re.findall(r'<path d="M[\d.]+ ([\d.]+)H', drawn)]


def rows(*times: float) -> Scene:
    arrows = (Row(at=at, start=SERVER, end=APP, text="x", kind=Kind.GIVE) for at in times)
    return Scene(id="s", title="t", rows=tuple(arrows))


def test_waits_are_drawn_to_scale_where_there_is_room() -> None:
    first, second, third, fourth = heights(rows(0, 1, 6, 7))

    assert second - first == fourth - third
    assert third - second > second - first


def test_a_long_wait_is_folded_and_told() -> None:
    scene = rows(0, 1, 2, 3, 1003, 1004)
    drawn, _ = scene_svg(scene, "server")
    gaps = [after - before for before, after in zip(heights(scene), heights(scene)[1:], strict=False)]

    assert drawn.count('class="fold"') == 1
    assert "1.00 s pass" in drawn
    assert max(gaps) < 3 * min(gaps)


def test_of_a_very_long_conversation_the_middle_is_counted() -> None:
    data = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300\r\n\r\n" + b"x" * 300
    (scene,) = scenes(asgi_inspect.inspect(data, read_size=1))

    assert len(scene.rows) == 65
    assert any(re.fullmatch(r"… \d+ more", row.text) for row in scene.rows)


def test_every_arrow_of_a_picture_says_what_it_is() -> None:
    scene = group_scene([inspected("plain").exchanges[0]])
    drawn, _ = scene_svg(scene, "server")

    assert drawn.count("<title>") == len(scene.rows)
    assert "app to server: send http.response.start 200" in drawn


def test_where_no_request_is_there_is_nothing_to_draw() -> None:
    assert list(scenes(asgi_inspect.inspect(b""))) == []
    assert len(list(scenes(asgi_inspect.inspect(HELLO * 3)))) == 3
