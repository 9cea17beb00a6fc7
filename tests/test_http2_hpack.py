"""Field blocks: where each field stands, and blocks that read back as what they were made of."""

from __future__ import annotations

import pytest
from hpack import Decoder, Encoder
from hypothesis import given
from hypothesis import strategies as st

from asgi_inspect.servers.http2_hpack import BrokenBlock, FieldBlocks, field_block, field_spans, written_fields

NAMES = st.one_of(
    st.sampled_from([b":path", b"cookie", b"content-length", b"x-a"]), st.binary(min_size=1, max_size=200)
)
FIELDS = st.lists(st.tuples(NAMES, st.binary(max_size=300)), max_size=8)


@given(FIELDS, st.booleans())
def test_every_field_has_its_place(fields: list[tuple[bytes, bytes]], huffman: bool) -> None:
    """Cut out at its place, a field that needs no table reads back alone."""
    block = Encoder().encode(fields, huffman=huffman)
    spans = field_spans(block)

    assert len(spans) == len(fields)
    assert [span.start for span in spans] == [0, *(span.end for span in spans)][: len(spans)]
    if spans:
        assert spans[-1].end == len(block)
        assert [tuple(map(bytes, field)) for field in Decoder().decode(spans[0].of(block), raw=True)] == fields[:1]


@given(FIELDS)
def test_what_is_written_reads_back(fields: list[tuple[bytes, bytes]]) -> None:
    block = field_block(tuple(fields))

    assert list(written_fields(block)) == fields
    assert [tuple(field) for field in FieldBlocks().read(block)[0]] == fields


def test_a_name_of_the_static_table_is_an_index() -> None:
    assert field_block(((b":status", b"200"),)) == b"\x08\x03200"
    assert field_block(((b"www-authenticate", b""),)) == b"\x0f\x2e\x00"


def test_the_table_is_kept_from_block_to_block() -> None:
    encoder, blocks = Encoder(), FieldBlocks()
    first, second = (encoder.encode([(b"x-a", b"1"), (b"x-b", b"2")]) for _ in range(2))

    assert len(second) == 2
    assert blocks.read(first)[0] == blocks.read(second)[0] == ((b"x-a", b"1"), (b"x-b", b"2"))


@pytest.mark.parametrize(
    ("block", "offset", "words"),
    [
        (b"\x82\x00", 2, "ends inside a field"),
        (b"\x82\x00\x05ab", 1, "beyond the block"),
        (b"\xff", 0, "inside a number"),
        (b"\x82\xff" + b"\x80" * 11, 1, "more than ten octets"),
        (b"\x82\x20", 1, "behind a field"),
    ],
)
def test_a_broken_block_says_where(block: bytes, offset: int, words: str) -> None:
    with pytest.raises(BrokenBlock, match=words) as caught:
        field_spans(block)

    assert caught.value.offset == offset
