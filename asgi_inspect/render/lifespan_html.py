"""Startup and shutdown for a page: a diagram and the steps of each."""

from __future__ import annotations

from collections.abc import Sequence

from ..findings import Finding
from ..inspection import Inspection
from .elements import Markup, element
from .exchange_html import picture
from .finding_html import finding_html
from .layout import duration
from .messages_html import steps_html
from .plain_values import plain_value
from .scene import Scene
from .value_html import mapping_html

_BAD = {"complete": "good", "unsupported": "quiet", "skipped": "quiet"}


def lifespan_html(
    inspection: Inspection, scene: Scene | None, findings: Sequence[tuple[str, Finding]], limit: int
) -> Markup | None:
    """One phase; the steps of the whole call stand with the first, where arrows of both lead."""
    report = inspection.lifespan
    if report is None or scene is None:
        return None
    first = scene.id == "startup"
    phase = report.startup if first else report.shutdown
    took = f" in {duration(phase.milliseconds)}" if phase.status == "complete" else ""
    head = element(
        "summary",
        element("b", "Startup" if first else "Shutdown"),
        " ",
        element("span", f"{phase.status}{took}", class_=f"pill {_BAD.get(phase.status, 'bad')}"),
        element("span", "the application's lifespan, once for all requests", class_="quiet"),
    )
    steps = [step._replace(message=plain_value(step.message)) for step in report.steps]
    state = plain_value(report.state)
    cards = [finding_html(id, finding, None, inspection.capture) for id, finding in findings]
    lines = phase.traceback.splitlines() if phase.traceback and phase.status.bad else []
    inside = (
        element("div", *cards, class_="findings") if cards else None,
        picture(scene, inspection),
        element("p", phase.message, class_="raised") if phase.message.strip() else None,
        element("pre", *(element("span", line) for line in lines), class_="traceback") if lines else None,
        steps_html(steps, "lifespan", findings, limit) if first else None,
        element("h5", "state, which every request gets a copy of") if first and state else None,
        mapping_html(state, limit) if first and state else None,
    )
    return element("details", head, element("div", *inside), class_="lifespan card", id=scene.id, open=phase.status.bad)
