"""What a broken record would be if it were mended: one change, the only one that makes its cells fit their columns.

A repair is *safe* where the record can be read in one way only and no text of it is lost or made up: it is then a row
where nobody can be asked. That holds for quotes that are taken as text, for empty cells left out or put in at the only
place where every cell is like those of its column, for cells missing at the end, for parts that only fit put together
or apart in one way, for a NUL taken out, and for a lone byte of Windows-1252. All else is only a suggestion.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from webapp.intake.dialects import DELIMITER_NAMES, DELIMITERS
from webapp.intake.reading import Reading
from webapp.intake.repair_cells import Piece, pieces_of
from webapp.intake.repair_fit import fits_all, one_of, short, without_gap, without_surplus
from webapp.intake.repair_shapes import ColumnShape

LONGEST_REPAIRED = 64 * 1024
_MOST_WAYS = 64
_OTHER_DELIMITERS = DELIMITERS + " "
_FEWEST_STRICT = 2
# What UTF-8 never has alone, between characters that are whole.
_LONE_BYTE = re.compile(rb"(?<![\x80-\xff])[\x80-\x9f\xa0-\xff](?![\x80-\xff])")


@dataclass(frozen=True, slots=True)
class Repair:
    """`cells` are the row as suggested, `note` says what was done, `safe` that it is the only reading.

    `literal` is the row with every stray mark kept as text, which is what an unasked reader writes.
    """

    cells: tuple[str, ...]
    note: str
    safe: bool
    literal: tuple[str, ...]


def repair_of(data: bytes, reading: Reading, shapes: Sequence[ColumnShape]) -> Repair | None:
    """The repair of one broken record, whose bytes these are, or none.

    `shapes` are those of the columns, see `learn_shapes`. Where they are unknown, less can be mended.
    """
    if not 0 < len(data) <= LONGEST_REPAIRED:
        return None
    text, note, safe = _text_of(data, reading)
    record = text.removesuffix("\n").removesuffix("\r")
    ways = list(islice(pieces_of(record, reading, len(shapes) + 64), _MOST_WAYS))
    if note:
        return _of_whole(ways, shapes, note, safe=safe)
    return _of_quotes(ways, shapes) or _of_count(ways, reading, shapes) or _of_delimiter(record, reading, shapes)


def joined(records: Sequence[bytes], reading: Reading, shapes: Sequence[ColumnShape]) -> Repair | None:
    """The row that consecutive short records make together, if a line break that stands in no quotes parted it."""
    text, note, _ = _text_of(b"".join(records), reading)
    record = text.removesuffix("\n").removesuffix("\r")
    _, pieces = next(pieces_of(record, reading, len(shapes) + 1), (0, []))
    cells = tuple(piece.text for piece in pieces)
    if note or len(cells) != len(shapes) or not fits_all(cells, shapes) or any(piece.stray for piece in pieces):
        return None
    lone = repair_of(records[-1], reading, shapes)
    lines = len(record.splitlines())
    note = f"A line break without quotes around it parts this record: its {lines} lines were put together."
    return Repair(cells, note, safe=lone is None or not lone.safe, literal=cells)


def _text_of(data: bytes, reading: Reading) -> tuple[str, str, bool]:
    """The text without what no text has, what was done about it, and whether that was the only way."""
    try:
        text = data.decode(reading.text_encoding)
    except UnicodeDecodeError:
        if reading.text_encoding != "utf-8":
            return data.decode(reading.text_encoding, "replace"), "", False
        return _text_of_mixture(data)
    if "\0" in text:
        return text.replace("\0", ""), "The NUL character was taken out.", True
    return text, "", True


def _text_of_mixture(data: bytes) -> tuple[str, str, bool]:
    """UTF-8 where it is that, Windows-1252 elsewhere."""
    text = data.decode("utf-8", "surrogateescape")
    bad = re.findall("[^\\s,;]*[\udc80-\udcff]+[^\\s,;]*", text)
    safe = all(_LONE_BYTE.sub(b"", word.encode("utf-8", "surrogateescape")).isascii() for word in bad)
    text = re.sub("[\udc80-\udcff]", lambda found: bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace"), text)
    words = [
        word.encode("utf-8", "surrogateescape").decode("cp1252", "replace").strip('"') for word in dict.fromkeys(bad)
    ]
    note = f"Bytes that are no UTF-8 text were read as Windows-1252: {', '.join(f'“{word}”' for word in words[:3])}."
    return text, note, safe and "\ufffd" not in text


def _of_whole(
    ways: Sequence[tuple[int, list[Piece]]], shapes: Sequence[ColumnShape], note: str, *, safe: bool
) -> Repair | None:
    """The record once its text is clean, if nothing else is wrong with it."""
    if not ways or ways[0][0] or len(ways[0][1]) != len(shapes) or any(piece.stray for piece in ways[0][1]):
        return None
    cells = tuple(piece.text for piece in ways[0][1])
    return Repair(cells, note, safe, cells)


def _of_quotes(ways: Sequence[tuple[int, list[Piece]]], shapes: Sequence[ColumnShape]) -> Repair | None:
    """Stray quotes taken as text, in the likeliest way that gives the right number of cells, all of them fitting."""
    right = [(cost, pieces) for cost, pieces in ways if len(pieces) == len(shapes) and _is_stray(pieces)]
    settled = [(cost, pieces, _settled(pieces, shapes)) for cost, pieces in right]
    fitting = [way for way in settled if fits_all(way[2], shapes)]
    fitting = fitting or [way for way in settled if all(map(ColumnShape.allows, shapes, way[2]))]
    if not fitting:
        return None
    cost, pieces, cells = fitting[0]
    made = {way[2] for way in takewhile(lambda way: way[0] == cost, fitting)}
    literal = tuple(piece.literal for piece in pieces)
    return Repair(cells, _stray_note(pieces), safe=len(made) == 1, literal=literal)


def _settled(pieces: Sequence[Piece], shapes: Sequence[ColumnShape]) -> tuple[str, ...]:
    """The cells with the stray marks that their columns have elsewhere too, and without the others."""
    return tuple(
        piece.literal if piece.stray == "inside" and shape.fits(piece.literal) else piece.text
        for piece, shape in zip(pieces, shapes, strict=True)
    )


def _is_stray(pieces: Sequence[Piece]) -> bool:
    return any(piece.stray for piece in pieces)


def _stray_note(pieces: Sequence[Piece]) -> str:
    piece = next(piece for piece in pieces if piece.stray)
    if piece.stray == "open":
        return f"The quotation mark before “{short(piece.text)}” was taken away: it closes nowhere."
    if piece.stray == "after":
        return f"The blanks after “{short(piece.text)}” were left out."
    return f"The quotation mark inside “{short(piece.text)}” was taken as text."


def _of_count(
    ways: Sequence[tuple[int, list[Piece]]], reading: Reading, shapes: Sequence[ColumnShape]
) -> Repair | None:
    """Too many or too few cells, the quotes being right."""
    if not ways or _is_stray(ways[0][1]):
        return None
    pieces = ways[0][1]
    cells = tuple(piece.text for piece in pieces)
    width = len(shapes)
    if len(cells) > width and not any(cells[width:]) and fits_all(cells, shapes):
        several = len(cells) > width + 1
        note = f"The {len(cells) - width} empty cells at the end were" if several else "The empty cell at the end was"
        return Repair(cells[:width], f"{note} left out.", safe=True, literal=cells[:width])
    if len(cells) >= width:
        fit = one_of(without_surplus(pieces, shapes, reading.delimiter))
        return Repair(fit.cells, fit.note, safe=True, literal=fit.cells) if fit else None
    return _of_missing(pieces, reading, shapes)


def _of_missing(pieces: Sequence[Piece], reading: Reading, shapes: Sequence[ColumnShape]) -> Repair | None:
    """Cells missing at the end, where all that are there fit; otherwise the only place where one can be missing."""
    cells = tuple(piece.text for piece in pieces)
    missing = len(shapes) - len(cells)
    if pieces[-1].quoted and reading.delimiter in cells[-1]:
        return None  # the missing cells may be in there
    at_end = (*cells, *[""] * missing)
    if fits_all(at_end, shapes):
        return _filled(at_end, missing)
    fit = one_of(without_gap(pieces, shapes, reading.columns, reading.quote))
    if fit:
        return Repair(fit.cells, fit.note, safe=True, literal=fit.cells)
    return _filled(at_end, missing) if fits_all(cells, shapes) else None


def _filled(cells: tuple[str, ...], missing: int) -> Repair:
    what = f"The {missing} cells missing at the end were" if missing > 1 else "The cell missing at the end was"
    return Repair(cells, f"{what} left empty.", safe=True, literal=cells)


def _of_delimiter(record: str, reading: Reading, shapes: Sequence[ColumnShape]) -> Repair | None:
    """The cells by another delimiter, if enough columns tell their cells from others and all fit."""
    if sum(shape.strict for shape in shapes) < _FEWEST_STRICT:
        return None
    found: Iterator[Repair] = (
        repair
        for delimiter in _OTHER_DELIMITERS
        if delimiter != reading.delimiter and delimiter in record
        if (repair := _by_other(record, replace(reading, delimiter=delimiter), shapes, DELIMITER_NAMES[delimiter]))
    )
    first = next(found, None)
    return first if next(found, None) is None else None


def _by_other(record: str, reading: Reading, shapes: Sequence[ColumnShape], name: str) -> Repair | None:
    _, pieces = next(pieces_of(record, reading, len(shapes) + 64), (0, []))
    if _is_stray(pieces):
        return None
    cells: tuple[str, ...] | None = tuple(piece.text for piece in pieces)
    if len(pieces) > len(shapes):
        fit = one_of(without_surplus(pieces, shapes, reading.delimiter))
        cells = fit.cells if fit else None
    if cells is None or len(cells) != len(shapes) or not fits_all(cells, shapes):
        return None
    return Repair(cells, f"The cells of this record are parted by {name}.", safe=True, literal=cells)
