"""Inspection → its conversation as one SVG picture that needs nothing else, for light and dark pages."""

from __future__ import annotations

from ..inspection import Inspection
from .elements import Markup, asset, element, joined
from .layout import words
from .scene import Scene
from .sequence import scenes, server_name
from .sequence_svg import scene_svg, width_of

_MOST_SCENES = 40
_MARGIN, _TITLE, _BETWEEN = 20.0, 34.0, 18.0


def as_svg(inspection: Inspection) -> str:
    """Startup, every request, shutdown, one below the other; of many requests the first."""
    drawn = list(scenes(inspection))
    shown = drawn if len(drawn) <= _MOST_SCENES else [*drawn[: _MOST_SCENES - 1], drawn[-1]]
    width = max((width_of(scene) for scene in shown), default=600.0)
    parts: list[Markup] = []
    y = _MARGIN
    for number, scene in enumerate(shown):
        if len(drawn) > len(shown) and number == len(shown) - 1:
            parts.append(_title(f"… {len(drawn) - len(shown):,} more", y, bad=False))
            y += _TITLE
        part, height = _titled(scene, inspection, y)
        parts.append(part)
        y += height + _BETWEEN
    if not shown:
        parts.append(_title("no request", y, bad=False))
        y += _TITLE
    whole = width + 2 * _MARGIN
    caption = f"{inspection.capture.source}, as {server_name(inspection)} with {inspection.server.parser} sees it"
    return element(
        "svg",
        element("title", caption),
        element("style", Markup(asset("sequence.css"))),
        element("rect", class_="paper", width=f"{whole:g}", height=f"{y:g}", rx="10"),
        element("g", *parts, transform=f"translate({_MARGIN:g} 0)"),
        xmlns="http://www.w3.org/2000/svg",
        class_="seq",
        role="img",
        viewBox=f"0 0 {whole:g} {y:g}",
        width=f"{whole:g}",
        height=f"{y:g}",
    )


def _titled(scene: Scene, inspection: Inspection, y: float) -> tuple[Markup, float]:
    lines = words(scene.title, 110)
    titles = [_title(line, y + 18 * number, bad=scene.bad) for number, line in enumerate(lines)]
    room = _TITLE + 18 * (len(lines) - 1)
    part, height = scene_svg(scene, server_name(inspection), top=y + room, links=False)
    return element("g", *titles, joined(part)), room + height


def _title(text: str, y: float, *, bad: bool) -> Markup:
    return element("text", text, class_="title bad" if bad else "title", x="0", y=f"{y + 14:g}")
