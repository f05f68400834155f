"""Which type the cells of one column have."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.intake.values import ColumnType, fits

ENOUGH = 0.98
_CANDIDATES = (
    (ColumnType.INTEGER, ""),
    (ColumnType.DECIMAL, "."),
    (ColumnType.DECIMAL, ","),
    (ColumnType.DATE, "ymd"),
    (ColumnType.DATE, "dmy"),
    (ColumnType.DATE, "mdy"),
    (ColumnType.DATETIME, "ymd"),
    (ColumnType.DATETIME, "dmy"),
    (ColumnType.DATETIME, "mdy"),
    (ColumnType.BOOLEAN, ""),
    (ColumnType.EMAIL, ""),
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A type, its style (see `parse_cell`), and the share of the filled cells that fit it."""

    kind: ColumnType
    style: str
    share: float


TEXT = Guess(ColumnType.TEXT, "", 1.0)


def guess_type(cells: Sequence[str]) -> Guess:
    """The first type that at least 98 in 100 of the filled cells fit, the narrower before the wider."""
    filled = [cell.strip() for cell in cells if cell and not cell.isspace()]
    if not filled:
        return TEXT
    for kind, style in _CANDIDATES:
        share = _share(filled, kind, style)
        if share >= ENOUGH:
            return Guess(kind, style, share)
    return TEXT


def _share(filled: Sequence[str], kind: ColumnType, style: str) -> float:
    allowed = int(len(filled) * (1 - ENOUGH) + 1e-9)
    misfits = 0
    for cell in filled:
        if not fits(cell, kind, style):
            misfits += 1
            if misfits > allowed:
                return 0.0
    return 1 - misfits / len(filled)
