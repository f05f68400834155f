"""Bytes to trusted rows: how a file is read, its records one by one, what its columns are."""

from webapp.intake.broken import BrokenRecord
from webapp.intake.decode import prepare
from webapp.intake.detect import detect
from webapp.intake.errors import (
    EmptyFileError,
    IntakeError,
    NoRowsError,
    NotATableError,
    TooWideError,
    UnknownReadingError,
)
from webapp.intake.reading import Position, Reading
from webapp.intake.records import Slice, first_position, read_slices, record_at

__all__ = [
    "BrokenRecord",
    "EmptyFileError",
    "IntakeError",
    "NoRowsError",
    "NotATableError",
    "Position",
    "Reading",
    "Slice",
    "TooWideError",
    "UnknownReadingError",
    "detect",
    "first_position",
    "prepare",
    "read_slices",
    "record_at",
]
