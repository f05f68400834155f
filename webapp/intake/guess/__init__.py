"""Which type the cells of one column have, and in which way they are written."""

from webapp.intake.guess.column import TEXT, Guess, guess_type
from webapp.intake.guess.sample import ENOUGH, Style
from webapp.intake.guess.together import settle_together

__all__ = ["ENOUGH", "TEXT", "Guess", "Style", "guess_type", "settle_together"]
