"""Mending tables: the text of cells, the values of columns, and rows that are there twice."""

from webapp.services.cleaning.cells import Change, Cleaner, empty_blank_word, lower_email, trim, unify

__all__ = ["Change", "Cleaner", "empty_blank_word", "lower_email", "trim", "unify"]
