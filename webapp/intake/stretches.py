"""Which stretch of a file's records is its table: each stretch has rows of one width."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.intake.dialects import Record
from webapp.intake.footer import is_prose
from webapp.intake.header import has_header, looks_like_header, repeats, typed_columns

_LOOKED_AT = 500
# More columns than that make a stretch no likelier to be the table.
_ENOUGH_COLUMNS = 8
# The share of the largest stretch that one before it must have to be the table.
_LARGE = 0.7


@dataclass(frozen=True, slots=True)
class Stretch:
    """Records from `begin` to before `end`, `size` of them `width` cells wide."""

    begin: int
    end: int
    size: int
    width: int


def table_stretch(records: Sequence[Record], begin: int) -> Stretch:
    """The records that are the table: the first stretch of one width and of some size, and what may belong to it."""
    runs = _runs(records, begin)
    if not runs:
        return Stretch(begin, len(records), 0, 1)
    weights = [run.size * (min(run.width, _ENOUGH_COLUMNS) - 1) for run in runs]
    large = next(at for at, weight in enumerate(weights) if weight >= _LARGE * max(weights))
    chosen = _first_part(records, runs, large)
    run, end, begin = runs[chosen], runs[chosen].end, runs[chosen].begin
    if chosen and _is_short_header(records, runs[chosen - 1], run):
        begin = runs[chosen - 1].end - 1
    for following in runs[chosen + 1 :]:
        if _is_other_table(records, run, following):
            end = _without_title(records, following.begin)
            break
        end = following.end
    return Stretch(begin, end, run.size, run.width)


def _first_part(records: Sequence[Record], runs: Sequence[Stretch], chosen: int) -> int:
    """The stretch where the table begins: before the chosen one, if that goes on without a header of its own.

    Otherwise its first rows would be taken for notes and be left out. A table with the same names comes first too.
    """
    while chosen:
        run, above = runs[chosen], runs[chosen - 1]
        rows = filled_rows(records, run.begin, run.end)
        first = filled_rows(records, above.begin, above.end)
        same = above.size > 1 and has_header(first) and repeats(rows[0], first[0])
        if above.width == 1 or (has_header(rows) and not same) or _is_short_header(records, above, run):
            break
        chosen -= 1
    return chosen


def _is_short_header(records: Sequence[Record], above: Stretch, run: Stretch) -> bool:
    """Whether the record right above a stretch names its columns, though not as many as there are."""
    header = records[above.end - 1]
    rows = filled_rows(records, run.begin, run.end)
    if (
        header.blank
        or (above.size > 1 and len(header.cells) == above.width)
        or not run.width <= 2 * len(header.cells) < 4 * run.width
        or has_header(rows)
    ):
        return False
    return has_header([header.cells, *rows])


def _runs(records: Sequence[Record], begin: int) -> list[Stretch]:
    """Stretches of records that are mostly of one width."""
    filled = [at for at in range(begin, len(records)) if not records[at].blank]
    widths = [len(records[at].cells) for at in filled]
    runs: list[Stretch] = []
    place = 0
    while place < len(filled):
        width, after = widths[place], place + 1
        while after < len(filled) and not (widths[after] != width and _is_change(widths, after, width)):
            after += 1
        usual = Counter(widths[place:after]).most_common(1)[0][0]
        end = filled[after] if after < len(filled) else len(records)
        runs.append(Stretch(filled[place], end, widths[place:after].count(usual), usual))
        place = after
    return runs


def _is_change(widths: Sequence[int], place: int, width: int) -> bool:
    """Whether another stretch begins here: most of the next records are of this width, and few of the old one."""
    coming = widths[place : place + 12]
    most = coming.count(coming[0]) * 2 >= len(coming)
    return most and (width == 1 or coming.count(width) <= len(coming) // 4)


def _is_other_table(records: Sequence[Record], run: Stretch, following: Stretch) -> bool:
    """Whether a stretch of another width is no part of the table: it has a header of its own, or is text."""
    if following.width == 1 and run.width > 1:
        return is_prose(records, following.begin, following.end)
    rows = filled_rows(records, following.begin, following.end)
    own = filled_rows(records, run.begin, run.end)
    names = own[0] if has_header(own) else []
    if len(rows) < 2:  # noqa: PLR2004 - a header and a row
        return False
    apart = _is_apart(records, following.begin) and has_header(rows)
    typed = typed_columns(filled_rows(records, run.begin + 1, run.end), run.width)
    return apart or looks_like_header(rows[0], rows[1:], typed, names) or (bool(names) and repeats(rows[0], names))


def _without_title(records: Sequence[Record], begin: int) -> int:
    """Where the title of a table stands that begins there, and what is above is blank; otherwise its beginning."""
    title = begin - 1 if begin > 1 else 0
    return title if records[title].filled == 1 and records[title - 1].blank else begin


def _is_apart(records: Sequence[Record], begin: int) -> bool:
    """Whether a blank line stands above, or above the title."""
    title = records[begin - 1].filled == 1
    return records[begin - 1].blank or (title and begin > 1 and records[begin - 2].blank)


def filled_rows(records: Sequence[Record], begin: int, end: int) -> list[list[str]]:
    """The cells of the first records that are not blank."""
    rows: list[list[str]] = []
    for at in range(begin, min(end, len(records))):
        if not records[at].blank:
            rows.append(records[at].cells)
            if len(rows) == _LOOKED_AT:
                break
    return rows
