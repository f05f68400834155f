"""Countries by their codes and their names in fifteen languages; the table's names are those of Unicode's CLDR."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Form = Literal["alpha2", "alpha3", "name"]
_NOT_A_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Country:
    """A country of ISO 3166-1; its name is the English one."""

    alpha2: str
    alpha3: str
    name: str


def country(text: str) -> Country:
    """The country that is meant by a code or a name.

    Raises:
        ValueError: there is none, or it is the name of several.
    """
    found = _countries().get(_folded(text))
    if found is None:
        raise ValueError("is no country that is known: write its name, or its code such as DE")
    return found


def region_of(text: str | None) -> str | None:
    """The code of two letters, as libraries of phone numbers want it; none for none.

    Raises:
        ValueError: as for `country`.
    """
    return None if text is None else country(text).alpha2


@cache
def _countries() -> dict[str, Country]:
    """Each by all that it is called; what two are called is left out, but a code always counts."""
    lines = (files(__package__) / "countries.tsv").read_text("utf-8").splitlines()
    codes: dict[str, Country] = {}
    names: dict[str, Country] = {}
    several: set[str] = set()
    for line in lines:
        alpha2, alpha3, name, others = line.split("\t")
        each = Country(alpha2, alpha3, name)
        codes |= {_folded(alpha2): each, _folded(alpha3): each}
        for called in {_folded(spelling) for spelling in (name, *others.split("|")) if spelling}:
            if names.setdefault(called, each) is not each:
                several.add(called)
    return {called: each for called, each in names.items() if called not in several} | codes


def _folded(text: str) -> str:
    """Without case, accents, dots and the like: Côte-d'Ivoire is Cote d’Ivoire."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return _NOT_A_LETTER.sub("", letters)
