"""Values out of cells: the types a text may have, and the typed value of it. The text itself is always kept."""

from webapp.intake.values.blanks import is_placeholder
from webapp.intake.values.days import either_way
from webapp.intake.values.kinds import ColumnType
from webapp.intake.values.parsing import fits, parse_cell

__all__ = ["ColumnType", "either_way", "fits", "is_placeholder", "parse_cell"]
