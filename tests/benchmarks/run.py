"""Measures asgi-inspect beside named peers and prints one table: `python tests/benchmarks/run.py [--json]`.

Each row is a ratio against a peer measured in the same run: the two take turns, and the median of the
pairs is told, so that a machine whose speed drifts does not matter. Start-up is measured in a fresh
environment that holds nothing but asgi-inspect (and, for its row, httpie): what else is installed
beside typer changes how long typer takes.

Needs `pip install -e '.[test,benchmark]'`.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SAMPLE = str(ROOT / "samples" / "hello.http")
PAIRS = 15
GIBIBYTE = 1 << 30


@dataclass(frozen=True)
class Row:
    """One comparison: `ratio` is ours to the peer's (or a size in MiB, or MiB/s), `aim` what it should keep to."""

    work: str
    against: str
    ratio: float
    aim: str
    unit: str = "times"


def paired(ours: Callable[[], float], peer: Callable[[], float], pairs: int) -> float:
    """The median over `pairs` turns of ours to the peer's."""
    ours(), peer()  # files and byte code are warm for both
    return statistics.median(ours() / peer() for _ in range(pairs))


def seconds(command: list[str]) -> Callable[[], float]:
    """How long a whole process takes."""

    def run() -> float:
        began = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return time.perf_counter() - began

    return run


def typer_peer(folder: Path) -> Path:
    """A typer program with the very options of the command, which only prints its argument."""
    source = (ROOT / "asgi_inspect" / "cli.py").read_text()
    options = source[source.index("command = typer.Typer(") : source.index('    """Show what an ASGI')]
    program = folder / "peer.py"
    program.write_text(
        f"from __future__ import annotations\nfrom typing import Annotated\nimport typer\n{options}"
        "    print(file)\n\n\ncommand()\n"
    )
    return program


def start_up(folder: Path) -> Iterator[Row]:
    """From the shell's call to the exit, one small request."""
    environment = folder / "environment"
    venv.create(environment, with_pip=True)
    python = str(environment / "bin" / "python")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    subprocess.run([python, "-m", "pip", "install", str(ROOT)], **quiet)  # type: ignore[call-overload]
    ours = [str(environment / "bin" / "asgi-inspect"), SAMPLE]
    peer = seconds([python, str(typer_peer(folder)), SAMPLE])
    program = "a typer program with the same options"
    yield Row("start-up, text", program, paired(seconds(ours), peer, PAIRS), "at most 1.5")
    yield Row("start-up, json", program, paired(seconds([*ours, "-f", "json"]), peer, PAIRS), "at most 1.3")
    subprocess.run([python, "-m", "pip", "install", "httpie"], **quiet)  # type: ignore[call-overload]
    httpie = seconds([str(environment / "bin" / "http"), "--offline", "http://127.0.0.1:8000/hello", "name==John"])
    yield Row("start-up, text", "`http --offline` of httpie", paired(seconds(ours), httpie, PAIRS), "below 1")


def dry_runs() -> Iterator[Row]:
    """Requests per second of 10,000 small GETs and a trivial application, in this process."""
    from tests.benchmarks import throughput

    work = "dry run of 10,000 requests"
    aims = {"httpx.ASGITransport": "at least 5", "Starlette TestClient": "at least 50"}
    for name, peer in throughput.PEERS.items():
        count = 500 if name == "Starlette TestClient" else 10_000
        pairs = [throughput.rate(throughput.inspected, 10_000) / throughput.rate(peer, count) for _ in range(3)]
        yield Row(work, name, statistics.median(pairs), aims.get(name, "at least 0.6"))
    ours, peer = throughput.fastapi_inspected, throughput.fastapi_with_httpx
    pairs = [throughput.rate(ours, 2000) / throughput.rate(peer, 2000) for _ in range(5)]
    yield Row("2,000 requests to FastAPI that all differ", "httpx.ASGITransport", statistics.median(pairs), "none")
    for name, run in ((work, throughput.inspected), (f"{work} that all differ", throughput.differing)):
        without = throughput.not_judged(run)
        judged = [throughput.rate(run, 10_000) / throughput.rate(without, 10_000) for _ in range(5)]
        yield Row(name, "the same without the rules of conformance", statistics.median(judged), "at least 0.8")


def written() -> Iterator[Row]:
    """Requests per second of 100,000 small GETs without an application, written as jsonl."""
    from tests.benchmarks import throughput

    for name, peer in throughput.UVICORN.items():
        for alike, work in ((True, "100,000 GETs to jsonl"), (False, "the same, where no two GETs are alike")):
            ours = throughput.written("h11" if "h11" in name else "httptools", alike=alike)
            ratio = statistics.median(throughput.rate(ours, 100_000) / throughput.rate(peer, 100_000) for _ in range(3))
            yield Row(work, name, ratio, "at least 1" if alike else "none")


def growth() -> Iterator[Row]:
    """What one more costs where there are ten times as many."""
    from tests.benchmarks.growth import WORK, growth_of

    for name, (work, few) in WORK.items():
        yield Row(f"ten times the {name}", f"each of {few:,} {name}", growth_of(work, few), "at most 1.2")


def body(folder: Path) -> Iterator[Row]:
    """A body of 1 GiB in a file, nothing called."""
    upload = large_upload(folder)
    peer = f"""
import hashlib, httptools
parser, digest = httptools.HttpRequestParser(type("P", (), {{"on_body": lambda self, data: None}})()), hashlib.sha256()
with open({str(upload)!r}, "rb") as file:
    while data := file.read(65536):
        parser.feed_data(data)
        digest.update(data)
"""
    ours = seconds([sys.executable, "-m", "asgi_inspect", str(upload), "--parser", "httptools", "-f", "json"])
    ratio = paired(seconds([sys.executable, "-c", peer]), ours, 3)
    yield Row("1 GiB body, json", "httptools.feed_data and SHA-256 of the same bytes", ratio, "at least 0.7")


def large_upload(folder: Path) -> Path:
    """A POST of 1 GiB of random bytes."""
    upload = folder / "upload.http"
    if not upload.exists():
        with upload.open("wb") as file:
            file.write(b"POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % GIBIBYTE)
            for _ in range(1024):
                file.write(os.urandom(1 << 20))
    return upload


def capture_files(folder: Path) -> Iterator[Row]:
    """How fast large captures are read."""
    from tests.benchmarks.capture_files import FILES, speed

    for name, write in FILES.items():
        path = folder / "capture"
        sent = write(path)
        fastest = statistics.median(speed(path, sent) for _ in range(3))
        yield Row(f"reading {name}", "nothing", fastest, "at least 20", "MiB/s")


def memory(folder: Path) -> Iterator[Row]:
    """The largest resident size of a process that has much to do."""
    app = folder / "moves.py"
    app.write_text(MOVES)
    requests = {
        "1 GiB upload": large_upload(folder),
        "1 GiB streamed response": folder / "down.http",
        "1,000,000 messages of an application": folder / "many.http",
    }
    for path in list(requests.values())[1:]:
        path.write_bytes(b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n" % path.stem.encode())
    for name, request in requests.items():
        command = ["-m", "asgi_inspect", str(request), "--app", f"{app}:app", "--timeout", "300"]
        yield Row(name, "nothing: its peak", peak(command), "at most 120", "MiB")
    million = folder / "million.http"
    million.write_bytes(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 1_000_000)
    command = ["-m", "asgi_inspect", str(million), "--parser", "httptools", "-f", "jsonl"]
    yield Row("1,000,000 requests to jsonl", "nothing: its peak", peak(command), "at most 120", "MiB")


MOVES = """
async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    length = 0
    more = True
    while more:
        message = await receive()
        length += len(message["body"])
        more = message["more_body"]
    await send({"type": "http.response.start", "status": 200})
    if scope["path"] == "/down":
        for _ in range(1 << 14):
            await send({"type": "http.response.body", "body": bytes(1 << 16), "more_body": True})
    if scope["path"] == "/many":
        for _ in range(1_000_000):
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
    await send({"type": "http.response.body", "body": b"%d" % length})
"""


def peak(arguments: list[str]) -> float:
    """Peak resident memory of `python …`, in MiB, told by a parent that has no other child."""
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL, check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=True, cwd=ROOT)
    return int(done.stdout) / 1024


def rows() -> Iterator[Row]:
    """All rows, the quick ones first."""
    with tempfile.TemporaryDirectory() as folder:
        yield from dry_runs()
        yield from written()
        yield from growth()
        yield from start_up(Path(folder))
        yield from capture_files(Path(folder))
        yield from body(Path(folder))
        yield from memory(Path(folder))


def main() -> None:
    """Print the table as it stands in the README, or the rows as JSON."""
    if "--json" in sys.argv:
        print(json.dumps([asdict(row) for row in rows()], indent=2))
        return
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}\n")
    print("| work | against | measured | aim |\n| --- | --- | --- | --- |")
    for row in rows():
        value = f"{row.ratio:.2f} times" if row.unit == "times" else f"{row.ratio:.0f} {row.unit}"
        print(f"| {row.work} | {row.against} | {value} | {row.aim} |", flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
