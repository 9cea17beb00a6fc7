"""Coverage-guided fuzzing of one target, by hand: `python -m tests.fuzz.run TARGET [SECONDS]`.

Without a target it lists them. What it finds is written to tests/fuzz/cases/TARGET, where
test_fuzz.py runs it from then on.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["asgi_inspect"]):
    from asgi_inspect.events import PREFACE
    from tests.fuzz import targets

TESTS = targets.HERE.parent
SAMPLES = TESTS.parent / "samples"
SEEDS = {
    "parser": SAMPLES,
    "render": SAMPLES,
    "redaction": SAMPLES,
    "frames": TESTS / "websocket_captures",
    "http2": TESTS / "http2_captures",
}


def seeds(name: str, folder: Path) -> None:
    """Copies the samples, or captures, to begin with."""
    kind = name.partition("-")[0]
    root = SEEDS.get(kind, TESTS / "captures")
    for number, path in enumerate(sorted(path for path in root.rglob("*") if path.is_file())):
        if path.stat().st_size < 4096:
            data = path.read_bytes().removeprefix(PREFACE)
            (folder / str(number)).write_bytes(b"\0" + data if kind in ("parser", "frames") else data)


def main() -> None:
    """Fuzz until SECONDS (60) are over or something is found."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in targets.TARGETS:
        print("\n".join(targets.TARGETS))
        sys.exit(2)
    found = targets.CASES / name
    found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        seeds(name, Path(corpus))
        limits = [f"-max_total_time={sys.argv[2] if len(sys.argv) > 2 else 60}", "-timeout=10", "-rss_limit_mb=512"]
        atheris.Setup(
            [sys.argv[0], corpus, f"-artifact_prefix={found}/", *limits], lambda data: targets.check(name, data)
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
