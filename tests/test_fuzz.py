"""What fuzzing found stays found: each case runs as it ran there (tests/fuzz/run.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import SAMPLES
from tests.fuzz.targets import TARGETS, cases, check


@pytest.mark.parametrize(("target", "path"), [pytest.param(*case, id=f"{case[0]}-{case[1].name}") for case in cases()])
def test_what_was_found_is_mended(target: str, path: Path) -> None:
    check(target, path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_takes_any_sample(target: str) -> None:
    for data in (b"", b"\0", b"\xff" * 100, *(path.read_bytes() for path in SAMPLES)):
        check(target, data)
