"""The report as people use it, in a real browser: pointing, keys, dark and narrow pages, no script, no harm done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import asgi_inspect
from asgi_inspect import Finding, Severity
from asgi_inspect.asgi import Receive, Scope, Send
from asgi_inspect.render.as_html import as_html
from asgi_inspect.render.as_svg import as_svg
from tests.browser import chromium, needs_browser, watched
from tests.commands import HELLO
from tests.reports import RUNS, inspected, report, written

pytestmark = needs_browser
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


def lit(page: Any) -> list[str]:
    """What is lit up in the panels, the hex left out."""
    texts: list[str] = page.locator(".on:not(.hex *)").all_inner_texts()
    return texts


@pytest.mark.parametrize("name", RUNS)
def test_a_report_opens_without_a_word_of_complaint_and_asks_for_nothing(
    browser: Any, tmp_path: Path, name: str
) -> None:
    with watched(browser, written(tmp_path, report(name)), viewport=DESK) as watch:
        assert watch.page.locator("#x1-bytes").is_visible()
        assert (watch.said, watch.requested) == ([], [])


def test_pointing_at_bytes_lights_up_what_they_become_and_says_what_it_is(browser: Any, tmp_path: Path) -> None:
    with watched(browser, written(tmp_path, report("plain")), viewport=DESK) as watch:
        watch.page.locator("#x1-b-query_string").hover()

        assert lit(watch.page) == ["name=John", 'b"name=John"']
        assert watch.page.locator(".tell").inner_text().startswith("What follows the question mark")
        assert "connection scope" in watch.page.locator(".tell").inner_text()
        watch.page.locator("h1").hover()
        assert lit(watch.page) == []


def test_the_path_lights_up_both_of_its_keys_and_a_header_its_own_value(browser: Any, tmp_path: Path) -> None:
    with watched(browser, written(tmp_path, report("plain")), viewport=DESK) as watch:
        watch.page.locator("#x1-b-path").hover()
        assert lit(watch.page) == ["/hello", '"/hello"', 'b"/hello"']

        watch.page.locator("#x1-k-h0v").hover()
        assert lit(watch.page) == ["127.0.0.1:8000", 'b"127.0.0.1:8000"']
        assert "RFC 9110 §7.2" in watch.page.locator(".tell").inner_text()


def test_what_no_byte_gives_explains_itself(browser: Any, tmp_path: Path) -> None:
    with watched(browser, written(tmp_path, report("plain")), viewport=DESK) as watch:
        watch.page.locator("[data-k=client]").hover()

        assert watch.page.locator(".tell").inner_text().startswith("Address and port of the peer")


def test_the_tab_key_goes_from_part_to_part(browser: Any, tmp_path: Path) -> None:
    """And Escape lets go of it."""
    with watched(browser, written(tmp_path, report("plain")), viewport=DESK) as watch:
        watch.page.locator("#x1-b-method").focus()
        assert lit(watch.page) == ["GET", '"GET"']
        watch.page.keyboard.press("Tab")
        assert lit(watch.page) == ["/hello", '"/hello"', 'b"/hello"']
        watch.page.keyboard.press("Escape")
        assert lit(watch.page) == []


def test_a_tap_keeps_the_light_on(browser: Any, tmp_path: Path) -> None:
    with watched(browser, written(tmp_path, report("plain")), viewport=PHONE, has_touch=True) as watch:
        watch.page.locator("#x1-b-query_string").tap()

        assert lit(watch.page) == ["name=John", 'b"name=John"']
        counterpart = watch.page.locator("#x1-k-query_string").bounding_box()
        tell = watch.page.locator(".tell").bounding_box()
        assert 0 < counterpart["y"] < counterpart["y"] + counterpart["height"] <= tell["y"]
        assert tell["y"] + tell["height"] <= PHONE["height"]


def test_in_the_hex_the_same_bytes_light_up(browser: Any, tmp_path: Path) -> None:
    with watched(browser, written(tmp_path, report("plain")), viewport=DESK) as watch:
        watch.page.get_by_text("The same bytes in hex").click()
        watch.page.locator("#x1-b-method").hover()

        assert watch.page.locator(".hex .cells .on").all_inner_texts() == ["47 45 54"]


def test_each_message_lights_up_the_bytes_that_it_carries(browser: Any, tmp_path: Path) -> None:
    """Chunk sizes are in none of them."""
    with watched(browser, written(tmp_path, report("chunks")), viewport=DESK) as watch:
        data = inspected("chunks").exchanges[0]
        bodies = [message["body"] for message in data.receive if message["body"]]
        for number, body in enumerate(bodies, 1):
            watch.page.locator(f"#x1-k-m{number}").hover()
            texts = watch.page.locator(".bytes .on").all_inner_texts()
            assert "".join(texts).replace("\\r", "\r").replace("\\n", "\n").encode() == body
        watch.page.locator("[data-k=framing]").last.hover()
        assert "chunks" in watch.page.locator(".tell").inner_text()


def test_of_many_messages_the_later_ones_open_when_their_bytes_are_clicked(browser: Any, tmp_path: Path) -> None:
    data = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n" + b"x" * 90
    text = as_html(asgi_inspect.inspect(data, read_size=1), body_limit=2048)
    with watched(browser, written(tmp_path, text), viewport=DESK) as watch:
        assert watch.page.locator("#x1-k-m29").is_visible()
        assert not watch.page.locator("#x1-k-m60").is_visible()

        watch.page.locator("#x1-b-m60").click()
        assert watch.page.locator("#x1-k-m60").is_visible()


def test_an_arrow_opens_its_message(browser: Any, tmp_path: Path) -> None:
    with watched(browser, written(tmp_path, report("plain")), viewport=DESK) as watch:
        body = watch.page.locator("#x1-s2")
        assert not body.is_visible()

        watch.page.locator("#x1-steps svg a.send").nth(1).click()
        assert body.is_visible()
        assert "http.response.body" in body.inner_text()


def test_a_finding_leads_to_its_step_and_back(browser: Any, tmp_path: Path) -> None:
    with watched(browser, written(tmp_path, report("raises")), viewport=DESK) as watch:
        watch.page.locator("#finding-1 .to").click()
        step = watch.page.locator("#x1-s3")
        step.wait_for(state="visible")

        watch.page.locator(".steps .badge.error").click()
        assert watch.page.evaluate("location.hash") == "#finding-1"
        assert watch.page.locator("#finding-1 .source .here").inner_text().split()[0] == "22"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Any, tmp_path: Path, scheme: str) -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3), on light and on dark pages."""
    for name in ("raises", "chunks", "a WebSocket", "refused"):
        with watched(browser, written(tmp_path, report(name)), viewport=DESK, color_scheme=scheme) as watch:
            watch.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            faint = watch.page.evaluate(CONTRAST)

            assert faint == [], name


def test_a_dark_page_is_dark(browser: Any, tmp_path: Path) -> None:
    path = written(tmp_path, report("plain"))
    grounds = []
    for scheme in ("light", "dark"):
        with watched(browser, path, color_scheme=scheme) as watch:
            ground = watch.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
            grounds.append(sum(int(part) for part in ground[4:-1].split(",")))

    assert grounds[0] > 700 > 100 > grounds[1]


@pytest.mark.parametrize("name", RUNS)
def test_on_a_phone_nothing_makes_the_page_wider(browser: Any, tmp_path: Path, name: str) -> None:
    with watched(browser, written(tmp_path, report(name)), viewport=PHONE) as watch:
        watch.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

        assert watch.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_without_a_script_everything_is_there(browser: Any, tmp_path: Path) -> None:
    """Explanations stand in the open, requests far down are in the page, links lead to counterparts."""
    path = written(tmp_path, as_html(asgi_inspect.inspect(HELLO * 40), body_limit=2048))
    with watched(browser, path, java_script_enabled=False, viewport=DESK, reduced_motion="reduce") as watch:
        watch.page.locator("#x40 > summary").click()
        assert watch.page.locator("#x40-scope").is_visible()
        assert watch.page.locator("#x40-why-method").is_visible()

        watch.page.locator("#x40-b-path").click()
        assert watch.page.url.endswith("#x40-k-path")
        ground = "getComputedStyle(document.querySelector('#x40-k-path')).backgroundColor"
        assert watch.page.evaluate(ground) != "rgba(0, 0, 0, 0)"
        assert watch.said == []


def test_on_paper_closed_parts_are_printed_too(browser: Any, tmp_path: Path) -> None:
    with watched(browser, written(tmp_path, report("plain")), viewport=DESK) as watch:
        watch.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        watch.page.emulate_media(media="print")
        assert watch.page.locator(".hex").first.is_visible()
        assert watch.page.locator("#x1-why-method").is_visible()

        watch.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert watch.page.locator("details[open]").count() == 0


def test_a_screen_reader_gets_names_and_explanations(browser: Any, tmp_path: Path) -> None:
    with watched(browser, written(tmp_path, report("raises")), viewport=DESK) as watch:
        part = watch.page.locator("#x1-b-method")
        why = watch.page.locator(f"#{part.get_attribute('aria-describedby')}")
        assert why.text_content().startswith("The first word of the request line")
        assert watch.page.locator(".tell").get_attribute("role") == "status"
        snapshot = watch.page.locator("main").aria_snapshot()
        for told in ('region "Diagram: 1 GET /hello', "app to server: send http.response.start 200", "note: content-"):
            assert told in snapshot, told
        assert watch.page.locator("html").get_attribute("lang") == "en"


THOUSAND = b"".join(
    b"GET /hello?name=n%d HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n" % number for number in range(1000)
)


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of a thousand requests, answered by a real application."""
    inspection = asgi_inspect.inspect(THOUSAND, app=answers, lifespan="off")
    lost = Finding(rule="found", severity=Severity.ERROR, message="m", exchange=900, step=1)
    inspection = replace(inspection, findings=(lost,))
    return written(tmp_path_factory.mktemp("thousand"), as_html(inspection, body_limit=2048))


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    """Read, then answer in three pieces."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    for number in range(3):
        await send({"type": "http.response.body", "body": b"piece", "more_body": number < 2})


def test_a_thousand_requests_open_within_three_seconds_and_scroll(browser: Any, thousand: Path) -> None:
    with watched(browser, viewport=DESK) as watch:
        began = time.perf_counter()
        watch.open(thousand)
        watch.page.screenshot()
        assert time.perf_counter() - began < 3

        # The time between two frames while the page is scrolled from top to bottom.
        frames = watch.page.evaluate(SCROLLED)
        assert sorted(frames)[len(frames) // 2] < 50
        watch.page.locator("#x700 > summary").click()
        assert watch.page.locator("#x700-scope").is_visible()
        assert watch.said == []


def test_among_a_thousand_a_link_opens_the_request_that_it_leads_to(browser: Any, thousand: Path) -> None:
    with watched(browser, thousand, viewport=DESK) as watch:
        assert watch.page.locator("#finding-1").count() == 0
        watch.page.locator("header .list a").click()
        watch.page.locator("#finding-1").wait_for(state="visible")
        watch.page.locator("#finding-1 .to").click()
        watch.page.locator("#x900-s1").wait_for(state="visible")


def test_requests_can_be_looked_for(browser: Any, thousand: Path) -> None:
    with watched(browser, thousand, viewport=DESK) as watch:
        watch.page.locator("input[type=search]").fill("name=n77")

        assert watch.page.locator("details.x:visible").count() == 11
        assert watch.page.locator(".tools output").inner_text() == "11 of 1000"


EVIL = (
    b"<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
    b"<svg onload=document.title='ran'>"
    b"<a href=\"javascript:document.title='ran'\">x</a><style>*{display:none}</style></style></script></noscript>"
    b'<link rel=stylesheet href=http://x.example/a.css><iframe src=http://x.example/></iframe>"><!--]]>&lt;&#60;'
    b"\xe2\x80\xae\xe2\x81\xa6\x1b[31m\xff\xc3\x28"
)


async def evil(scope: Scope, receive: Receive, send: Send) -> None:
    """It gives back what it got, as HTML, and raises it too."""
    print(EVIL.decode("utf-8", "replace"))
    body = (await receive())["body"]
    pairs = [(b"content-type", b"text/html"), (b"x-evil", EVIL.replace(b"\x1b", b"").replace(b"\xff", b""))]
    await send({"type": "http.response.start", "status": 200, "headers": pairs})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    raise ValueError(EVIL.decode("utf-8", "replace"))


def hostile() -> dict[str, asgi_inspect.Inspection]:
    """Markup, scripts, styles and broken text in every place that a client or an application fills."""
    field = EVIL.replace(b"\x1b", b"")
    head = b"POST /%b HTTP/1.1\r\nHost: x\r\nX-Evil: %b\r\nContent-Length: %d\r\n\r\n"
    target = b"<script>document.title='ran'</script>?<img/src=x/onerror=document.title='ran'>"
    posted = head % (target, field, len(EVIL)) + EVIL
    broken = b"GET / HTTP/1.1\r\nHost: x\r\n" + EVIL + b"\0: y\r\n\r\n"
    finding = Finding(
        rule="<script>",
        severity=Severity.ERROR,
        message=EVIL.decode("utf-8", "replace"),
        notes=(EVIL.decode("utf-8", "replace"),),
        help="<script>",
        spec="<img src=x>",
        source="<script>:1",
        exchange=1,
        step=1,
    )
    called = asgi_inspect.inspect(posted, app=evil, source="<script>document.title='ran'</script>")
    return {
        "sent and answered": replace(called, findings=(*called.findings, finding)),
        "refused": asgi_inspect.inspect(broken),
        "many": asgi_inspect.inspect(posted.replace(b"POST", b"PUT") * 40),
        "nothing but evil": asgi_inspect.inspect(EVIL),
    }


HOSTILE = hostile()


@pytest.mark.parametrize("java_script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_shown_and_never_act(browser: Any, tmp_path: Path, name: str, java_script: bool) -> None:
    path = written(tmp_path, as_html(HOSTILE[name], body_limit=2048))
    with watched(browser, path, viewport=DESK, java_script_enabled=java_script) as watch:
        title = watch.page.title()
        for request in watch.page.locator("details.x > summary").all()[-2:]:
            request.click()
        if java_script:
            watch.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        watch.page.wait_for_timeout(100)

        assert (watch.said, watch.requested) == ([], [])
        assert watch.page.title() == title != "ran"
        inside = "body :is(script, img, iframe, link, style, form, object, embed, base)"
        assert watch.page.locator(inside).count() == 0
        assert watch.page.locator("[href]:not([href^='#'])").count() == 0
        assert "<script>document.title='ran'</script>" in watch.page.locator("body").inner_text()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_diagram_acts_no_more(browser: Any, tmp_path: Path, name: str) -> None:
    """Even opened by itself, where an SVG may run scripts."""
    path = tmp_path / "conversation.svg"
    path.write_text(as_svg(HOSTILE[name]), encoding="utf-8")
    with watched(browser, path) as watch:
        assert (watch.said, watch.requested) == ([], [])
        assert watch.page.evaluate("document.documentElement.localName") == "svg"
        assert watch.page.evaluate("document.querySelectorAll('script, image, a, foreignObject').length") == 0


# The contrast of every piece of text with the ground it stands on; what is too faint is given back.
CONTRAST = """() => {
  const linear = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const channel = (value) => linear(value / 255);
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const over = (top, ground) => {
    const alpha = top.length > 3 ? top[3] : 1;
    return [0, 1, 2].map((i) => top[i] * alpha + ground[i] * (1 - alpha));
  };
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("svg")) continue;
    let color = parse(getComputedStyle(element).color);
    let opacity = 1;
    const grounds = [];
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      opacity *= Number(style.opacity);
      grounds.unshift(parse(style.backgroundColor));
    }
    const ground = grounds.reduce((below, top) => over(top, below), [255, 255, 255]);
    color = over([...color.slice(0, 3), (color.length > 3 ? color[3] : 1) * opacity], ground);
    const [a, b] = [luminance(color), luminance(ground)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.add(`${element.className}: ${walker.currentNode.data.slice(0, 30)}`);
  }
  return [...faint];
}"""

SCROLLED = """() => new Promise((done) => {
  const frames = [];
  let last = performance.now();
  const step = (now) => {
    frames.push(now - last);
    last = now;
    scrollBy(0, 1500);
    if (frames.length < 40) requestAnimationFrame(step); else done(frames);
  };
  requestAnimationFrame(step);
})"""
