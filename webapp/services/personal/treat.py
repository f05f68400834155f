"""What is done with personal data: masked, hashed with a key, or left out, in whole columns and inside of texts."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from webapp.services.personal.columns import Finding, is_number
from webapp.services.personal.kinds import LABELS, Kind, Treatment
from webapp.services.personal.masks import mask
from webapp.services.personal.pseudonyms import Pseudonyms
from webapp.services.personal.search import Hit, Searcher

_REMEMBERED = 10_000
_SHORTEST_NAME = 3
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS = 3
"""In fewer words a name is none of the person's: Jordan in a column of countries."""


@dataclass(frozen=True, slots=True)
class Treatments:
    """What is to be done with each kind; `columns` are treated otherwise than their kind, or though nothing was found.

    `inside` says whether cells are searched that are not all personal data.
    """

    kinds: Mapping[Kind, Treatment]
    columns: Mapping[str, Treatment]
    inside: bool
    pseudonyms: Pseudonyms | None = None

    def replace(self, text: str, kind: Kind, treatment: Treatment) -> str:
        """What stands for a piece of personal data."""
        if treatment == "hash":
            if self.pseudonyms is None:
                raise LookupError("there is no key to hash with")
            return self.pseudonyms.of(text, kind)
        return mask(text, kind) if treatment == "mask" else f"[{LABELS[kind]}]"

    def seeks(self, kind: Kind) -> bool:
        """Whether the kind is looked for in texts, and taken away."""
        return self.inside and self.kinds.get(kind, "mask") != "keep"


class Plan:
    """Treats the rows of one table, one after the other, and counts the cells."""

    def __init__(self, columns: Sequence[str], whole: Mapping[str, tuple[Kind, Treatment]], text: "_Texts") -> None:
        self._whole = whole
        dropped = {name for name, (_, treatment) in whole.items() if treatment == "drop"}
        self._kept = [place for place, name in enumerate(columns) if name not in dropped]
        self.columns = tuple(columns[place] for place in self._kept)
        self.changed: Counter[tuple[str, Kind]] = Counter()
        self._text = text
        self._replace = [self._replacer(name) for name in columns]
        self._replace_seen = self._replace
        self._named = [
            place for place, name in enumerate(columns) if name in whole and whole[name][0] is Kind.NAME and text.inside
        ]
        self._names = columns

    def leave_alone(self, columns: frozenset[str]) -> None:
        """Do not search the cells of these columns again, which were all seen and hold nothing."""
        self._replace_seen = [
            _as_it_is if name in columns and name not in self._whole else replace
            for name, replace in zip(self._names, self._replace, strict=True)
        ]

    def row(self, cells: Sequence[str], *, seen: bool = True) -> list[str]:
        """The cells that stay, with nothing personal in them; `seen`: the row was looked at before."""
        replacers = self._replace_seen if seen else self._replace
        people = {word for place in self._named for word in _WORD.findall(cells[place]) if len(word) >= _SHORTEST_NAME}
        found = []
        for place in self._kept:
            cell = cells[place]
            if cell:
                cell, kinds = replacers[place](cell)
                if people and self._names[place] not in self._whole:
                    cell, kinds = self._text.without_people(cell, kinds, people)
                for kind in kinds:
                    self.changed[self._names[place], kind] += 1
            found.append(cell)
        return found

    def treatment_of(self, column: str, kind: Kind) -> Treatment:
        """What is done with the kind in the column."""
        return self._whole[column][1] if column in self._whole else self._text.treatment(kind)

    def _replacer(self, name: str) -> Callable[[str], tuple[str, frozenset[Kind]]]:
        if name not in self._whole:
            return lru_cache(_REMEMBERED)(self._text.searcher_of(name))
        kind, treatment = self._whole[name]
        if treatment in {"keep", "drop"}:
            return lambda text: (text, frozenset())
        only = frozenset({kind})

        def replaced(text: str) -> tuple[str, frozenset[Kind]]:
            return (text, frozenset()) if text.isspace() else (self._text.replace(text, kind, treatment), only)

        return lru_cache(_REMEMBERED)(replaced)


def _as_it_is(text: str) -> tuple[str, frozenset[Kind]]:
    return text, frozenset()


class _Texts:
    """Treats what stands inside of texts."""

    def __init__(self, treatments: Treatments, searcher: Searcher, columns_of_text: frozenset[str]) -> None:
        self.inside = treatments.inside
        self.replace = treatments.replace
        self._kinds = treatments.kinds
        self._searcher = searcher
        self._columns = columns_of_text

    def treatment(self, kind: Kind) -> Treatment:
        """What is done with what stands inside of a cell."""
        return self._kinds.get(kind, "mask") if self.inside else "keep"

    def searcher_of(self, column: str) -> Callable[[str], tuple[str, frozenset[Kind]]]:
        """Replaces what is found in a cell of the column, and says of which kinds that was."""
        if not self.inside:
            return lambda text: (text, frozenset())
        if column in self._columns:
            return self._treated
        return lambda text: (text, frozenset()) if is_number(text) else self._treated(text)

    def without_people(self, text: str, kinds: frozenset[Kind], words: set[str]) -> tuple[str, frozenset[Kind]]:
        """The text without the names of the people of its row."""
        treatment = self._kinds.get(Kind.NAME, "mask")
        folded = text.casefold()
        known = sorted(word for word in words if word.casefold() in folded)
        if treatment == "keep" or not known or len(text.split()) < _FEWEST_WORDS:
            return text, kinds
        names = re.compile(rf"\b(?:{'|'.join(map(re.escape, known))})\b", re.IGNORECASE)
        changed = names.sub(lambda name: self.replace(name[0], Kind.NAME, treatment), text)
        return changed, kinds | {Kind.NAME} if changed != text else kinds

    def _treated(self, text: str) -> tuple[str, frozenset[Kind]]:
        hits = [hit for hit in self._searcher.search(text) if self._kinds.get(hit.kind, "mask") != "keep"]
        return self._replaced(text, hits), frozenset(hit.kind for hit in hits)

    def _replaced(self, text: str, hits: Sequence[Hit]) -> str:
        parts, end = [], 0
        for hit in hits:
            parts += [text[end : hit.start], self.replace(text[hit.start : hit.end], hit.kind, self._kinds[hit.kind])]
            end = hit.end
        return "".join([*parts, text[end:]])


def make_plan(
    columns: Sequence[str],
    findings: Sequence[Finding],
    treatments: Treatments,
    searcher: Searcher,
    columns_of_text: frozenset[str],
) -> Plan:
    """What is to be done with a table in which this was found."""
    found = {finding.column: finding.kind for finding in findings if finding.whole}
    whole = {column: (kind, treatments.kinds.get(kind, "mask")) for column, kind in found.items()}
    for column, treatment in treatments.columns.items():
        whole[column] = found.get(column, Kind.OTHER), treatment
    return Plan(columns, whole, _Texts(treatments, searcher, columns_of_text))
