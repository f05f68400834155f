"""What the columns of one file say about each other: a file has one way of writing dates and numbers."""

from collections.abc import Sequence
from dataclasses import replace

from webapp.intake.guess.column import Guess
from webapp.intake.values import ColumnType

_DAYS = frozenset({ColumnType.DATE, ColumnType.DATETIME})


def settle_together(guesses: Sequence[Guess], delimiter: str = ",") -> list[Guess]:
    """The guesses, where columns that can be read in two ways take the likelier one by the others.

    Day and month stay open, and so do thousands against decimals where the file's own mark does not settle it.
    """
    orders = {guess.style[:3] for guess in guesses if guess.kind in _DAYS and guess.other is None}
    marks = {guess.mark for guess in guesses if guess.other is None} - {""}
    return [
        _day(guess, orders & {"dmy", "mdy"}) if guess.kind in _DAYS else _number(guess, marks, delimiter)
        for guess in guesses
    ]


def _day(guess: Guess, orders: set[str]) -> Guess:
    if guess.other is None or len(orders) != 1 or guess.style[:3] in orders:
        return guess
    return _swapped(guess)


def _number(guess: Guess, marks: set[str], delimiter: str) -> Guess:
    """`1,234` is a thousand and more, and `1.234` less than two, but for a file of decimal commas.

    Semicolons between the cells are how the countries of the decimal comma write: no proof, but enough to ask. A comma
    in a number needs proof wherever it does not stand against commas between the cells.
    """
    if guess.other is None:
        return guess
    has_proof = len(marks) == 1
    likely = "," if delimiter == ";" and guess.mark == "," else guess.style[0]
    mark = next(iter(marks)) if has_proof else likely
    chosen = guess if guess.style[0] == mark else _swapped(guess)
    asked = not guess.mark or delimiter == ";" or (delimiter != "," and guess.mark == ",")
    stays_open = guess.mark == mark == "," if has_proof else asked
    return chosen if stays_open else replace(chosen, other=None)


def _swapped(guess: Guess) -> Guess:
    if guess.other is None:
        return guess
    kind, style = guess.other
    return replace(guess, kind=kind, style=style, other=type(guess.other)(guess.kind, guess.style))
