"""Bytes to trusted rows: how a file is read, its records one by one, what its columns are."""

from webapp.intake.broken import BrokenRecord
from webapp.intake.check import RowChecker, RowProblem
from webapp.intake.choices import Choices
from webapp.intake.columns import Column, profile
from webapp.intake.count import Count, count_rows
from webapp.intake.detect import detect
from webapp.intake.dialects import DELIMITER_NAMES
from webapp.intake.drift import Drift, carried_over, drift, fingerprint
from webapp.intake.errors import (
    EmptyFileError,
    IntakeError,
    NoRowsError,
    NotATableError,
    TooWideError,
    UnknownReadingError,
)
from webapp.intake.match import How, Match, MatchError, kept_match, match_columns
from webapp.intake.output import BOM, ReadReport, csv_line, defuse, delimiter_like, read_to, undefuse
from webapp.intake.prepare import prepare
from webapp.intake.preview import Preview, PreviewRow, preview, preview_of_files
from webapp.intake.reading import Position, Reading
from webapp.intake.records import Slice, first_position, header_cells, read_slices, record_at
from webapp.intake.settle import Remembered, settle_match
from webapp.intake.values import ColumnType, parse_cell
from webapp.intake.words import explain

__all__ = [
    "BOM",
    "DELIMITER_NAMES",
    "BrokenRecord",
    "Choices",
    "Column",
    "ColumnType",
    "Count",
    "Drift",
    "EmptyFileError",
    "How",
    "IntakeError",
    "Match",
    "MatchError",
    "NoRowsError",
    "NotATableError",
    "Position",
    "Preview",
    "PreviewRow",
    "ReadReport",
    "Reading",
    "Remembered",
    "RowChecker",
    "RowProblem",
    "Slice",
    "TooWideError",
    "UnknownReadingError",
    "carried_over",
    "count_rows",
    "csv_line",
    "defuse",
    "delimiter_like",
    "detect",
    "drift",
    "explain",
    "fingerprint",
    "first_position",
    "header_cells",
    "kept_match",
    "match_columns",
    "parse_cell",
    "prepare",
    "preview",
    "preview_of_files",
    "profile",
    "read_slices",
    "read_to",
    "record_at",
    "settle_match",
    "undefuse",
]
