"""Rows that are laid one after another are cut again as they were."""

import pytest

from fakes.clever.filling import BEGIN_SHIFT, SIZE_BITS, Pieces


def cut(pieces: Pieces) -> list[tuple[bytes, bytes]]:
    rows = []
    for number in pieces.cuts:
        begin, mask = (number >> BEGIN_SHIFT) - 1, (1 << SIZE_BITS) - 1
        middle = begin + (number >> SIZE_BITS & mask)
        rows.append((pieces.body[begin:middle], pieces.body[middle : middle + (number & mask)]))
    return rows


def test_rows_of_one_piece_and_of_two_are_cut_as_they_were_laid() -> None:
    assert cut(Pieces.of([b"one", b"", b"three"])) == [(b"one", b""), (b"", b""), (b"three", b"")]
    assert cut(Pieces.of([b"one", b"two"], [b"1", b""])) == [(b"one", b"1"), (b"two", b"")]
    assert cut(Pieces.of([])) == []


def test_a_piece_that_no_cut_can_say_is_refused() -> None:
    with pytest.raises(ValueError, match="300000 bytes; at most 262143"):
        Pieces.of([b"small"], [b"x" * 300_000])
