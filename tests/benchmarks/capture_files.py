"""100 MiB of `curl --trace` and of pcap, as the tools write them, and how fast they are read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from struct import pack

from asgi_inspect.captures import read_capture
from asgi_inspect.sources import read_source
from tests.packets import CLIENT, LINKS, PSH, SERVER, SYN, ip4, tcp

SIZE = 100 << 20
HEAD = b"POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
PIECE = bytes(range(256)) * 256  # 64 KiB, which is what curl writes at once
SEGMENT = 1448


def trace(path: Path) -> int:
    """An upload that curl traced; the number of bytes the client sent."""
    piece = b"=> Send data, %d bytes (0x%x)\n%b" % (len(PIECE), len(PIECE), b"".join(rows(PIECE)))
    count = SIZE // len(piece)
    head = HEAD % (count * len(PIECE))
    with path.open("wb") as file:
        file.write(b"== Info: Connected to x (127.0.0.1) port 8000 (#0)\n")
        file.write(b"=> Send header, %d bytes (0x%x)\n%b" % (len(head), len(head), b"".join(rows(head))))
        for _ in range(count):
            file.write(piece)
    return len(head) + count * len(PIECE)


def rows(data: bytes) -> Iterator[bytes]:
    """The rows of `curl --trace`: offset, pairs, text."""
    for start in range(0, len(data), 16):
        part = data[start : start + 16]
        text = bytes(code if 0x20 <= code < 0x7F else 0x2E for code in part)
        yield b"%04x: %-48b%b\n" % (start, part.hex(" ").encode() + b" ", text)


def pcap(path: Path) -> int:
    """The same upload in Ethernet frames of full segments."""
    count = SIZE // len(PIECE)
    head = HEAD % (count * len(PIECE))
    with path.open("wb") as file:
        file.write(pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 16, 1))
        sequence = 1000
        for data in (b"", head, *(PIECE for _ in range(count))):
            for start in range(0, max(1, len(data)), SEGMENT):
                part = data[start : start + SEGMENT]
                frame = LINKS[1] + ip4(tcp(CLIENT, SERVER, sequence, part, PSH if data else SYN))
                file.write(pack("<IIII", 0, 0, len(frame), len(frame)) + frame)
                sequence += len(part) or 1
    return len(head) + count * len(PIECE)


FILES = {"100 MiB `curl --trace`": trace, "100 MiB pcap": pcap}


def speed(path: Path, sent: int) -> float:
    """MiB of the file per second, from opening it to the client's bytes, which must be all of them."""
    began = time.perf_counter()
    capture = read_capture(read_source(str(path)), path.name)
    taken = time.perf_counter() - began
    assert [len(connection.data) for connection in capture.connections] == [sent]
    return path.stat().st_size / taken / (1 << 20)
