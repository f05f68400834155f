"""int, float and Decimal: a number."""

import math
from decimal import Decimal

from webapp.authoring.kind import SingleLine
from webapp.authoring.spec import Spec


class Number(SingleLine):
    """A number with its limits; text is left as it was typed for the type itself to read."""

    input_type = "number"

    @classmethod
    def matches(cls, spec: Spec) -> bool:
        return spec.annotation in (int, float, Decimal)

    def complaint(self, raw: object) -> str | None:
        endless = self.spec.annotation is float and _is_endless(raw)
        return super().complaint(raw) or ("is not a number" if endless else None)

    def attributes(self) -> dict[str, str]:
        mode = "numeric" if self.spec.annotation is int else "decimal"
        return super().attributes() | {"inputmode": mode, "step": self._step()} | self._limits()

    def _step(self) -> str:
        limits = self.spec.limits
        if "multiple_of" in limits:
            return str(limits["multiple_of"])
        if "decimal_places" in limits:
            return format(Decimal(1).scaleb(-limits["decimal_places"]), "f")
        return "1" if self.spec.annotation is int else "any"

    def _limits(self) -> dict[str, str]:
        """HTML knows no limit that is itself outside: for whole numbers it is the next one, else the limit."""
        limits, next_one = self.spec.limits, 1 if self.spec.annotation is int else 0
        found = {}
        if "ge" in limits or "gt" in limits:
            found["min"] = str(limits["ge"] if "ge" in limits else limits["gt"] + next_one)
        if "le" in limits or "lt" in limits:
            found["max"] = str(limits["le"] if "le" in limits else limits["lt"] - next_one)
        return found


def _is_endless(raw: object) -> bool:
    """Infinity and not-a-number pass as a float, and then cannot be written as JSON."""
    if not isinstance(raw, str | float):
        return False
    try:
        return not math.isfinite(float(raw))
    except ValueError:
        return False
