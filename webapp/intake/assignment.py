"""The best way to give each of some fields one of some columns."""

from collections.abc import Mapping

Weights = Mapping[tuple[str, str], float]
"""How well a column suits a field, more than 0; pairs that do not suit at all are left out."""

_NEVER = 1e6


def assign(weights: Weights, margin: float) -> dict[str, str]:
    """Give each field at most one column and each column at most one field, with the greatest sum of weights.

    A pair that is not clear is left out: one could as well, by less than `margin`, take another column or field that
    goes empty, or exchange columns with another pair.
    """
    best = _greatest_sum(weights)
    return {field: column for field, column in best.items() if not _could_be_other(field, best, weights, margin)}


def _could_be_other(field: str, best: Mapping[str, str], weights: Weights, margin: float) -> bool:
    column = best[field]
    enough = weights[field, column] - margin
    owners = {column: field for field, column in best.items()}
    for (other_field, other_column), weight in weights.items():
        if other_field == field and other_column != column:
            owner = owners.get(other_column)
            lost = weights[owner, other_column] if owner else 0.0
            gained = weights.get((owner, column), 0.0) if owner else 0.0
            if weight - lost + gained >= enough:
                return True
        elif other_column == column and other_field not in best and weight >= enough:
            return True
    return False


def _greatest_sum(weights: Weights) -> dict[str, str]:
    """The assignment by the Hungarian method: one shortest augmenting path for each field."""
    fields = list(dict.fromkeys(field for field, _ in weights))
    columns = list(dict.fromkeys(column for _, column in weights))
    # each field may also stay empty, which costs nothing
    costs = [
        [-weights[field, column] if (field, column) in weights else _NEVER for column in columns] + [0.0] * len(fields)
        for field in fields
    ]
    owners = _cheapest(costs)
    return {fields[owner]: columns[place] for place, owner in sorted(owners.items()) if place < len(columns)}


def _cheapest(costs: list[list[float]]) -> dict[int, int]:
    """The row of each column that is given away, for the least sum of costs; there are at least as many columns."""
    width = len(costs[0]) if costs else 0
    owners: dict[int, int] = {}
    of_row, of_column = [0.0] * len(costs), [0.0] * width
    for first in range(len(costs)):
        distance, before = [_NEVER * 2] * width, [-1] * width
        done: set[int] = set()
        row, last = first, -1
        while row >= 0:
            for place in range(width):
                reduced = costs[row][place] - of_row[row] - of_column[place]
                if place not in done and reduced < distance[place]:
                    distance[place], before[place] = reduced, last
            last = min((place for place in range(width) if place not in done), key=distance.__getitem__)
            step = distance[last]
            of_row[first] += step
            for place in done:
                of_row[owners[place]] += step
                of_column[place] -= step
            distance = [value if place in done else value - step for place, value in enumerate(distance)]
            done.add(last)
            row = owners.get(last, -1)
        while last >= 0:
            owners[last] = owners[before[last]] if before[last] >= 0 else first
            last = before[last]
    return owners
