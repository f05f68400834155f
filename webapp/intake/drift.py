"""How the header of a file differs from one that is known: what is renamed, new, gone or elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from webapp.intake.assignment import assign
from webapp.intake.match import normalised
from webapp.intake.settle import Pairs, Remembered
from webapp.intake.similar import LEAST, similarity

CLOSE: Final = 0.6
"""The share of columns that two headers of one kind of file have in common, at least."""

MOST_COMPARED: Final = 10_000
_MOST_NAMED = 5
_LONGEST_NAME = 60
_MARGIN = 0.01
_RENAMED = 0.97  # a column that is taken for a renamed one is never quite sure


@dataclass(frozen=True, slots=True)
class Drift:
    """The names that differ. `renamed` has the old name, the new one, and how alike they are, up to 1.0."""

    renamed: tuple[tuple[str, str, float], ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    moved: bool = False
    kept: int = 0

    @property
    def sentence(self) -> str:
        """What has changed, in words: "Qty is now Quantity; Notes is new; Fax is gone." Empty if nothing has."""
        said = [f"{_short(old)} is now {_short(new)}" for old, new, _ in self.renamed[:_MOST_NAMED]]
        if len(self.renamed) > _MOST_NAMED:
            said.append(f"{len(self.renamed) - _MOST_NAMED} more have other names")
        said += [f"{_listed(names)} {end}" for names, end in ((self.new, "new"), (self.gone, "gone")) if names]
        sentences = [f"{'; '.join(said)}."] if said else []
        return " ".join([*sentences, "The columns stand in another order."] if self.moved else sentences)

    @property
    def same(self) -> int:
        """How many columns both have, whatever they are called."""
        return self.kept + len(self.renamed)

    @property
    def is_close(self) -> bool:
        """Whether both can be headers of the same kind of file."""
        return 0 < CLOSE * (self.same + max(len(self.new), len(self.gone))) <= self.same


def fingerprint(columns: Sequence[str]) -> str:
    """Of the names in their order: the same for headers that differ in case, spaces, punctuation and accents only."""
    return sha256("\n".join(map(_fold, columns)).encode("utf-8", "surrogatepass")).hexdigest()


def drift(old: Sequence[str], new: Sequence[str], pairs: Pairs) -> Drift:
    """What has become of the columns of a known header.

    Args:
        old: the names of the known header's columns.
        new: the names of this one's.
        pairs: the fields that the old columns fed; a column that is now called as its field is recognised by that.
    """
    kept = _kept(old, new)
    found = set(kept.values())
    gone, added = [name for name in old if name not in kept], [name for name in new if name not in found]
    renamed = _renamed(gone, added, pairs)
    after = {name: each for name, each, _ in renamed}
    found.update(after.values())
    places = {name: place for place, name in enumerate(new)}
    order = [places[column] for name in old if (column := kept.get(name) or after.get(name)) is not None]
    return Drift(
        renamed=tuple(renamed),
        new=tuple(name for name in added if name not in found),
        gone=tuple(name for name in gone if name not in after),
        moved=order != sorted(order),
        kept=len(kept),
    )


def carried_over(old: Sequence[str], new: Sequence[str], pairs: Pairs, found: Drift) -> Remembered:
    """What was decided for a known header, in the names of this one's columns; `found` is how they differ.

    A field whose column is gone is left open.
    """
    now: dict[str | None, str | None] = {None: None}
    now.update(_kept(old, new))
    likeness: dict[str | None, float] = {}
    for before, after, score in found.renamed:
        now[before], likeness[before] = after, round(score * _RENAMED, 2)
    return Remembered(
        pairs={field: now[column] for field, column in pairs.items() if column in now},
        renamed={field: likeness[column] for field, column in pairs.items() if column in likeness},
    )


def _fold(name: str) -> str:
    return normalised(name) or name.casefold()


def _kept(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """The new name of each column that is called alike; the first goes with the first."""
    places: dict[str, list[str]] = {}
    for name in new:
        places.setdefault(_fold(name), []).append(name)
    return {name: places[_fold(name)].pop(0) for name in old if places.get(_fold(name))}


def _renamed(gone: Sequence[str], added: Sequence[str], pairs: Pairs) -> list[tuple[str, str, float]]:
    if len(gone) * len(added) > MOST_COMPARED:
        return []
    fields = {column: field for field, column in pairs.items() if column is not None}
    scores = {
        (before, after): score
        for before in gone
        for after in added
        if (score := max(similarity(before, after), similarity(fields.get(before, before), after))) >= LEAST
    }
    found = assign(scores, _MARGIN)
    return [(name, found[name], round(scores[name, found[name]], 2)) for name in gone if name in found]


def _listed(names: Sequence[str]) -> str:
    shown = [_short(name) for name in names[:_MOST_NAMED]]
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more are"
    return f"{', '.join(shown[:-1])} and {shown[-1]} are" if len(shown) > 1 else f"{shown[0]} is"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
