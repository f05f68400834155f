"""The bytes of the table in a file, taken out of the archive or workbook it may be."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from webapp.intake.archives import members_of, opened_member
from webapp.intake.choices import NO_CHOICES, Choices
from webapp.intake.containers import Container, open_container
from webapp.intake.decode import decode_head, guess_encoding
from webapp.intake.dialects import DELIMITERS
from webapp.intake.errors import IntakeError, NoSuchSheetError
from webapp.intake.not_tables import refuse_other_files, refuse_other_text
from webapp.intake.prepare import copy_of, make_whole, pour
from webapp.intake.workbook import ABOUT, Sheet, likeliest_sheet, write_sheet

_HEAD = 64 * 1024
_LINES = 50
_MOST_TRIED = 50  # files of an archive, sheets of a workbook
# A sheet with no more cells may be a cover, if another has so many times more.
_COVER = 24
_FAR_MORE = 3


@dataclass(frozen=True, slots=True)
class Unpacked:
    """`path` has the bytes of the table, and `whole` says that it has all of them.

    `container` and `sheet` are for the `Reading`, empty for a file that is no container; `sheets` is what to choose
    from. A workbook's sheet is comma-separated UTF-8 with `"` for a quote, as `write_sheet` writes it.
    """

    path: Path
    whole: bool = True
    container: str = ""
    sheet: str = ""
    sheets: tuple[Sheet, ...] = ()


@contextmanager
def unpacked(
    path: Path,
    choices: Choices = NO_CHOICES,
    copy: Path | None = None,
    most: int | None = None,
) -> Iterator[Unpacked]:
    """The bytes of the table in `path`, to be looked at while the context lasts: `path` itself if it is no container.

    Of an archive the first `most` bytes at least, where that is given. A workbook's sheet is always whole. `copy` is
    where `prepare` puts its copies; what is made for it here, it finds again.

    Raises:
        NotATableError: the file is no table and holds none.
        NoSuchSheetError: there is no such sheet or file in it.
        IntakeError: it is damaged, locked or too large inside.
    """
    container = open_container(path)
    if container is None:
        yield Unpacked(path)
        return
    sheet = _chosen(path, container, choices.sheet)
    with TemporaryDirectory(prefix="batchdesk-") as folder:
        scratch = Path(folder, "text")
        if container.kind != "workbook":
            whole = _unpack(path, container.kind, sheet, scratch, most)
            yield Unpacked(scratch, whole, container.kind, sheet, container.sheets)
            return
        text = _sheet_text(path, sheet, copy or scratch)
        if choices.sheet is None:
            taken = _past_a_cover(path, container, sheet, text, scratch)
            sheet, text = taken, text if taken == sheet else _sheet_text(path, taken, copy or scratch)
        yield Unpacked(text, True, container.kind, sheet, container.sheets)


def _sheet_text(path: Path, sheet: str, copy: Path) -> Path:
    """A sheet as text, where `prepare` finds it if it is called with the same `copy`; written once."""
    target = copy_of(copy, "workbook", sheet, "utf-8")
    make_whole(target, lambda part: write_sheet(path, sheet, part))
    return target


def _chosen(path: Path, container: Container, name: str | None) -> str:
    names = [sheet.name for sheet in container.sheets]
    if name is not None:
        if name not in names:
            raise NoSuchSheetError(name, names)
        return name
    if container.kind == "zip" and len(names) > 1:
        return _likeliest_file(path, names)
    return names[0] if len(names) == 1 else likeliest_sheet(path)


def _past_a_cover(path: Path, container: Container, first: str, text: Path, scratch: Path) -> str:
    """The sheet with the table, where the first one has no more than a few words and another has far more cells.

    `text` is that of the first; `scratch` is where those of others go. A template of ours that was not filled in is a
    table without rows, not the explanation beside it.
    """
    visible = [sheet.name for sheet in container.sheets if not sheet.hidden]
    others = [name for name in visible if name not in {first, ABOUT}][:_MOST_TRIED]
    few = _count_cells(text, _COVER + 1) if others else 0
    if not 0 < few <= _COVER:
        return first
    cells = {name: _count_cells(_sheet_text(path, name, scratch)) for name in others}
    fullest = max(cells, key=lambda name: cells[name])
    return fullest if cells[fullest] >= _FAR_MORE * few else first


def _count_cells(text: Path, most: int | None = None) -> int:
    """How many cells of a sheet have something in them; `most` of them are counted, if given."""
    with text.open(encoding="utf-8", newline="") as file:
        filled = (cell for cells in csv.reader(file) for cell in cells if cell)
        return sum(1 for _ in islice(filled, most))


def _likeliest_file(path: Path, names: list[str]) -> str:
    """The largest that begins like a table, else the largest that begins like text."""
    sizes = {member.name: member.size for member in members_of(path)}
    by_size = sorted(names, key=lambda name: -sizes[name])
    likeness = {name: _likeness(path, name) for name in by_size[:_MOST_TRIED]}
    return max(likeness, key=likeness.__getitem__)


def _likeness(path: Path, name: str) -> int:
    """How much a file in an archive is like a table: 0 if it is no text, 2 if most lines have as many cells."""
    try:
        with opened_member(path, "zip", name) as source:
            head = source.read(_HEAD)
        refuse_other_files(head)
        text = decode_head(head, guess_encoding(head, whole=False))
        refuse_other_text(text)
    except IntakeError:
        return 0
    lines = text.splitlines()[:_LINES]
    return 2 if any(_parts_most(delimiter, lines) for delimiter in DELIMITERS) else 1


def _parts_most(delimiter: str, lines: list[str]) -> bool:
    """Whether most of several lines have this delimiter, and equally often."""
    counts = Counter(line.count(delimiter) for line in lines)
    del counts[0]
    return bool(counts) and counts.most_common(1)[0][1] > max(1, len(lines) // 2)


def _unpack(path: Path, kind: str, name: str, target: Path, most: int | None) -> bool:
    with opened_member(path, kind, name) as source:
        return pour(source, target, most)
