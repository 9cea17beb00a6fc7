"""Findings as SARIF 2.1.0, the format that code scanning services read."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from ..findings import Finding, Severity
from ..inspection import Inspection
from .places import Place, place_of, said
from .rules_text import Entry, entries

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def as_sarif(inspection: Inspection) -> str:
    """One run, with the rules that were met and a result for each finding."""
    met = dict.fromkeys(finding.rule for finding in inspection.findings)
    known = {entry.id: entry for entry in entries()}
    driver = {
        "name": "asgi-inspect",
        "version": inspection.tool["asgi-inspect"],
        "rules": [_rule(rule, known.get(rule)) for rule in met],
    }
    order = list(met)
    results = [_result(finding, inspection, order.index(finding.rule)) for finding in inspection.findings]
    report = {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return json.dumps(report, indent=2, ensure_ascii=True) + "\n"


def _rule(id: str, entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {"id": id}
    texts = {"shortDescription": entry.summary, "fullDescription": entry.spec, "help": entry.help}
    return {
        "id": id,
        **{key: {"text": text} for key, text in texts.items() if text},
        "defaultConfiguration": {"level": _LEVELS[entry.severity]},
    }


def _result(finding: Finding, inspection: Inspection, index: int) -> dict[str, Any]:
    place = place_of(finding, inspection)
    result = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": said(finding)},
    }
    return result if place is None else {**result, "locations": [_location(finding, place)]}


def _location(finding: Finding, place: Place) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": place.line}
    if place.column is not None:
        region["startColumn"] = place.column
    if finding.span is not None and not finding.source:
        region |= {"byteOffset": finding.span.start, "byteLength": finding.span.end - finding.span.start}
    path = PurePath(place.file)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
