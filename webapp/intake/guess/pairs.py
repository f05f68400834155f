"""Columns of yes and no."""

from webapp.intake.guess.sample import Found, Sample, Style
from webapp.intake.values import ColumnType, parse_cell
from webapp.intake.values.booleans import MARK, STYLES

_MOST_WORDS = 8


def find_pair(sample: Sample) -> Found | None:
    """English words are yes or no on their own; others where both are there, or marks where other cells are blank."""
    if len(sample.texts) > _MOST_WORDS + sample.total // 50:
        return None
    for words in STYLES:
        style = Style(ColumnType.BOOLEAN, words)
        if sample.misfits(style) is not None and (not words or _are_both_there(sample, style)):
            return Found(style)
    return None


def _are_both_there(sample: Sample, style: Style) -> bool:
    said = {parse_cell(text, *style) for text in sample.fitting(style)}
    return len(said) > 1 or (style.style == MARK and said == {True} and sample.blanks > 0)
