"""Where the table is in a file: what stands above and below it, and how many records its header takes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from statistics import median

from webapp.intake.dialects import Record
from webapp.intake.footer import before_notes, is_total, last_filled
from webapp.intake.header import continues_header, has_header, is_group_row, looks_like_header, typed_columns
from webapp.intake.records import join_header
from webapp.intake.shapes import is_exact
from webapp.intake.stretches import Stretch, filled_rows, table_stretch

_LOOKED_AT = 500
_MOST_HEADER_ROWS = 8
# So many headers are looked at for the same table once more.
_MOST_REPEATS = 4
_NEARLY_ALL = 0.9


@dataclass(frozen=True, slots=True)
class Structure:
    """Indices into the records: the header is `header` to before `data`, the rows `data` to before `end`.

    `header` equals `data` where there is none. `width` is the number of columns, `trailing` that of the empty cells
    that rows have beyond them, `missing` that of the cells at the end that all rows lack. `repeated` says that the
    header stands between the rows again, `total` is the last row if it seems to be the sum of the others, or -1.
    """

    header: int
    data: int
    end: int
    width: int
    trailing: int
    missing: int
    repeated: bool
    total: int


def find_table(
    records: Sequence[Record], header: int | None = None, header_rows: int | None = None, *, whole: bool = True
) -> Structure:
    """The likeliest table among the records.

    Args:
        records: all records of the text, blank ones too.
        header: the index where the header stands, if that is settled; -1 if it is settled that there is none.
        header_rows: how many records the header takes, if that is settled.
        whole: whether these are all records of the file: otherwise nothing is known of what stands below the table.
    """
    run = table_stretch(records, max(header or 0, 0))
    if header is None:
        first, data = _header(records, run)
    elif header < 0:
        first = data = _first_row(records, run)
    else:
        first, data = header, _after_header(records, header, run)
    if header_rows and first != data:
        data = _after(records, first, header_rows)
    width, trailing, missing = _columns(records, first, data, run)
    end = _end(records, first, data, run, whole=whole)
    return Structure(
        header=first,
        data=data,
        end=end,
        width=width,
        trailing=trailing,
        missing=missing,
        repeated=data - first == 1 and _may_stand_again(records, first, data, end, whole=whole),
        total=end - 1 if end - data > 1 and is_total(records[end - 1]) else -1,
    )


def _may_stand_again(records: Sequence[Record], header: int, data: int, end: int, *, whole: bool) -> bool:
    """Whether a header, which is no row of values itself, stands between the rows once more, as far as is known."""
    names = records[header].cells
    if len(names) < 2 or any(map(is_exact, names)):  # noqa: PLR2004 - one word may well be a row
        return False
    return not whole or any(record.cells == names for record in islice(records, data, end))


def _first_row(records: Sequence[Record], run: Stretch) -> int:
    """The first record that is no title or note, nor a remark about the table."""
    places = (at for at in range(run.begin, run.end) if not records[at].blank and not records[at].broken)
    return next((at for at in places if run.width == 1 or not _is_note(records[at], run.width)), run.begin)


def _first_full_row(records: Sequence[Record], run: Stretch) -> int:
    """The first record that fills about as many cells as those below it."""
    fills = [record.filled for record in records[run.begin : run.end][:_LOOKED_AT] if not record.blank]
    enough = max(min(2, run.width), 0.6 * min(median(fills), run.width)) if fills else 1
    places = (at for at in range(run.begin, run.end) if not records[at].broken)
    return next((at for at in places if records[at].filled >= enough and _is_wide(records[at], run)), run.begin)


def _is_wide(record: Record, run: Stretch) -> bool:
    return len(record.cells) * 2 > run.width


def _is_note(record: Record, width: int) -> bool:
    """Whether a record says something of the table: a title, or a name and its value."""
    if len(record.cells) < width:
        return True
    few = width > 3 and not any(map(str.strip, record.cells[2:]))  # noqa: PLR2004
    named = bool(record.cells[0].strip()) and not is_exact(record.cells[0])
    return record.filled == 1 or (few and record.filled == 2 and named)  # noqa: PLR2004


def _header(records: Sequence[Record], run: Stretch) -> tuple[int, int]:
    """Where the header begins and where the rows begin: of two likely ones the header that names more columns."""
    first, full = _first_row(records, run), _first_full_row(records, run)
    second = next((at for at in range(first + 1, run.end) if not records[at].blank), first)
    below = [second] if _may_be_groups(records, first, second) or second > first + 1 else []
    best, most = (first, first), 0
    for at in sorted({first, full, *below}):
        rows = _stretch_rows(records, at, run.end)
        if rows and has_header(rows):
            data = _after_header(records, at, run)
            begin = _before_header(records, at, data, run)
            names = join_header(filled_rows(records, begin, data), run.width)
            if sum(map(bool, names)) >= max(most, 1):
                best, most = (begin, data), sum(map(bool, names))
    return best


def _may_be_groups(records: Sequence[Record], above: int, header: int) -> bool:
    """Whether a record leaves cells empty that the one below fills: it may say what groups of columns are."""
    return records[above].filled < records[header].filled and len(records[above].cells) == len(records[header].cells)


def _stretch_rows(records: Sequence[Record], begin: int, end: int) -> list[list[str]]:
    """The rows from `begin` as far as the next blank one, or more if those are few."""
    gap = next((at for at in range(begin + 1, min(end, begin + _LOOKED_AT)) if records[at].blank), end)
    return filled_rows(records, begin, gap if gap - begin > 4 else end)  # noqa: PLR2004 - a header and a few rows


def _after_header(records: Sequence[Record], header: int, run: Stretch) -> int:
    """The first record after all that belong to the header."""
    data = header + 1
    for _ in range(_MOST_HEADER_ROWS - 1):
        following = next((at for at in range(data, run.end) if not records[at].blank), run.end)
        body = _stretch_rows(records, following + 1, run.end)
        above = filled_rows(records, header, data)
        apart = following > data
        if not body or not continues_header(above, records[following].cells, body, run.width, apart=apart):
            break
        data = following + 1
    return data


def _before_header(records: Sequence[Record], header: int, data: int, run: Stretch) -> int:
    """The first record of the header: rows that name groups may stand above its names."""
    body = filled_rows(records, data, run.end)
    while header > 0 and not records[header - 1].blank:
        above = records[header - 1]
        if len(above.cells) != run.width or not is_group_row(above.cells, records[header].cells, body):
            break
        header -= 1
    return header


def _columns(records: Sequence[Record], header: int, data: int, run: Stretch) -> tuple[int, int, int]:
    """The number of columns, of the empty cells that rows have beyond them, and of the cells that all rows lack."""
    body = filled_rows(records, data, run.end)
    if header == data:
        return Counter(map(len, body)).most_common(1)[0][0] if body else run.width, 0, 0
    above = [record.cells for record in records[header:data]]
    full, named = max(map(len, above)), max(map(_named, above))
    usual = Counter(map(len, body)).most_common(1)[0][0] if body else full
    agreeing = [cells for cells in body if len(cells) == usual]
    if usual == full or len(agreeing) < max(1, 0.9 * len(body)):
        return full, 0, 0
    if usual < full:
        return (full, 0, full - usual) if named > usual and len(agreeing) > 2 else (max(usual, named), 0, 0)  # noqa: PLR2004
    if not any(cell.strip() for cells in agreeing for cell in cells[full:]):
        return full, usual - full, 0
    return (usual if len(agreeing) > 2 else full), 0, 0  # noqa: PLR2004 - one odd row proves nothing


def _end(records: Sequence[Record], header: int, data: int, run: Stretch, *, whole: bool) -> int:
    """The index after the last record of the table."""
    names = records[header].cells if header < data else []
    gap = next((at for at in range(data + 1, run.end) if records[at].blank), run.end)
    typed = typed_columns(filled_rows(records, data, gap), run.width)
    filled = [at for at in range(data, run.end) if not records[at].blank]
    repeats_left = _MOST_REPEATS
    for before, at in pairwise(filled):
        cells = records[at].cells
        repeats_left -= names == cells
        if names and cells == names and repeats_left >= 0 and _is_same_table(records, data, at):
            return last_filled(records, data, at)
        if at - before > 1 and _begins_another(records, at, run, typed, names):
            return last_filled(records, data, at)
    if not whole:
        return run.end
    return before_notes(records, data, run.end, run.width)


def _is_same_table(records: Sequence[Record], data: int, header: int) -> bool:
    """Whether nearly all that stands below a repeated header stood above it already: the same table once more."""
    above = set(map(tuple, filled_rows(records, data, header)))
    rest = filled_rows(records, header + 1, len(records))
    return sum(tuple(cells) in above for cells in rest) > _NEARLY_ALL * len(rest)


def _begins_another(
    records: Sequence[Record], at: int, run: Stretch, typed: Sequence[int], names: Sequence[str]
) -> bool:
    """Whether, after blank lines, a title or another header begins a second table."""
    rest = filled_rows(records, at, min(run.end, at + 100))[:50]
    while len(rest) > 1 and sum(1 for cell in rest[0] if cell.strip()) == 1 and run.width > 1:
        rest = rest[1:]
    return len(rest) > 1 and looks_like_header(rest[0], rest[1:], typed, names)


def _after(records: Sequence[Record], header: int, count: int) -> int:
    at = header
    while at < len(records) and count:
        count -= not records[at].blank
        at += 1
    return at


def _named(cells: Sequence[str]) -> int:
    return next((place + 1 for place in range(len(cells) - 1, -1, -1) if cells[place].strip()), 0)
