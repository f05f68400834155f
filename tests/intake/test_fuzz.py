"""No bytes bring the reader down: they are read, or refused in a sentence, in bounded time and memory.

A minute of looking, or as long as the environment variable FUZZ_SECONDS says.
"""

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from webapp.intake import Choices, IntakeError, count_rows, detect, prepare, preview, read_slices, read_to

CORPUS = Path(__file__).parent / "corpus"
SEEDS = sorted(path for path in CORPUS.rglob("*.*") if not path.name.endswith((".expected.csv", "MANIFEST.tsv")))
SECONDS = float(os.environ.get("FUZZ_SECONDS", "60"))
MOST_SECONDS = 10.0
MOST_KILOBYTES = 300 * 1024

FUZZED = settings(
    deadline=None,
    database=None,
    max_examples=100,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
# Bytes that mean something to a reader, so that they come close together.
PIECES = st.sampled_from(
    [
        *(b'"', b'""', b"'", b",", b";", b"\t", b"|", b" ", b"\n", b"\r", b"\r\n", b"\\", b"#", b"=", b"sep=;\n"),
        *(b"a", b"1", b"0", b"-1.5", b"2024-01-02", b"\xc3\xa9", b"\xe9", b"\xff", b"\0", b"\x1a", b"\x1f", b"\x80"),
        *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06"),
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF", b"<?xml", b"{", b"[", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
    ]
)
MESSY = st.lists(PIECES | st.binary(max_size=4), max_size=60).map(b"".join)
REPEATED = st.builds(lambda piece, times, end: piece * times + end, MESSY, st.integers(1, 2_000), MESSY)


@dataclass(frozen=True)
class Mutation:
    """A piece of a file taken away and another put there; places and lengths are shares of the file, in thousandths."""

    place: int
    length: int
    piece: bytes
    times: int

    def of(self, data: bytes) -> bytes:
        start = len(data) * self.place // 1000
        return data[:start] + self.piece * self.times + data[start + len(data) * self.length // 1000 :]


MUTATIONS = st.lists(
    st.builds(
        Mutation,
        place=st.integers(0, 1000),
        length=st.sampled_from([0, 0, 1, 5, 100, 1000]),
        piece=PIECES | st.binary(max_size=8),
        times=st.sampled_from([1, 1, 1, 2, 500]),
    ),
    min_size=1,
    max_size=6,
)
CHOICES = st.builds(
    Choices,
    encoding=st.sampled_from([None, None, "utf-8", "cp1252", "utf-16-le", "utf-32-be", "shift_jis"]),
    delimiter=st.sampled_from([None, None, ",", "", "||", "\t", " "]),
    quote=st.sampled_from([None, None, '"', "'", ""]),
    escape=st.sampled_from([None, None, "\\", ""]),
    header_line=st.sampled_from([None, None, 0, 1, 3, 10_000]),
    header_rows=st.sampled_from([None, None, 1, 2, 5]),
    last_line=st.sampled_from([None, None, 0, 1, 4, 10_000]),
)


def read_in_every_way(data: bytes, choices: Choices) -> IntakeError | None:
    """Read some bytes as everything in the desk does; an `IntakeError` is all that may come of it."""
    with TemporaryDirectory() as folder:
        path, copy = Path(folder, "file"), Path(folder, "copy")
        path.write_bytes(data)
        try:
            reading = detect(path, choices, copy)
            prepared = prepare(path, reading, copy)
            good = broken = 0
            for slice_ in read_slices(prepared, reading):
                good += len(slice_.cells)
                broken += len(slice_.broken)
                assert all(len(cells) == len(reading.columns) for cells in slice_.cells)
            counted = count_rows(prepared, reading)
            assert (counted.rows, counted.broken) == (good + broken, broken)
            read_to(path, Path(folder, "out"), rejects=Path(folder, "rejects"), typed=True, choices=choices)
            preview(path, copy=copy, choices=choices)
        except IntakeError as error:
            return error
    return None


def examine(data: bytes, choices: Choices = Choices()) -> None:  # noqa: B008 - a value that nobody changes
    """Read some bytes, and watch the time and the memory that it takes."""
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refusal = read_in_every_way(data, choices)
    assert refusal is None or (refusal.code and str(refusal).endswith("."))
    assert time.process_time() - began < MOST_SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KILOBYTES


@FUZZED
@given(data=st.binary(max_size=400) | MESSY | MESSY.map(lambda data: data.decode("latin-1").encode("utf-16")))
def any_bytes(data: bytes) -> None:
    examine(data)


@FUZZED
@given(data=REPEATED)
def long_files(data: bytes) -> None:
    examine(data)


@FUZZED
@given(seed=st.sampled_from(SEEDS), mutations=MUTATIONS)
def damaged_files(seed: Path, mutations: list[Mutation]) -> None:
    data = seed.read_bytes()
    for mutation in mutations:
        data = mutation.of(data)
    examine(data)


@FUZZED
@given(seed=st.sampled_from(SEEDS), choices=CHOICES)
def wrong_choices(seed: Path, choices: Choices) -> None:
    examine(seed.read_bytes(), choices)


@FUZZED
@given(first=st.sampled_from(SEEDS), second=st.sampled_from(SEEDS), share=st.integers(0, 100))
def joined_files(first: Path, second: Path, share: int) -> None:
    data = first.read_bytes()
    examine(data[: len(data) * share // 100] + second.read_bytes())


WAYS = [any_bytes, long_files, damaged_files, wrong_choices, joined_files]


@pytest.mark.parametrize("look", WAYS, ids=lambda look: str(look.__name__))
def test_bytes_are_read_or_refused_in_words(look: Callable[[], None]) -> None:
    until = time.monotonic() + SECONDS / len(WAYS)
    while time.monotonic() < until:
        look()
