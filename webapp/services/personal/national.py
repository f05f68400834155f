"""Numbers by which countries know people, told by their shape and their check digits."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from typing import Final

_SHAPES: Final = (
    (r"[0-9]{3}-[0-9]{2}-[0-9]{4}", "us.ssn us.itin"),
    (r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]", "nino"),
    (r"[A-Z]{6}[0-9L-NP-V]{2}[A-EHLMPRST][0-9L-NP-V]{2}[A-Z][0-9L-NP-V]{3}[A-Z]", "it.codicefiscale"),
    (r"[0-9]{8}-?[A-Z]", "es.dni"),
    (r"[XYZ]-?[0-9]{7}-?[A-Z]", "es.nie"),
    (r"[0-9]{8} ?[0-9] ?[A-Z0-9]{2}[0-9]", "pt.cc"),
    (r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", "br.cpf"),
    (r"[12] ?[0-9]{2} ?[0-9]{2} ?[0-9][0-9AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}", "fr.nir"),
    (r"(?:[0-9]{2})?[0-9]{6}[-+][0-9]{4}", "se.personnummer dk.cpr is_.kennitala"),
    (r"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]", "fi.hetu"),
    (r"[0-9]{6}-[0-9]{5}", "lv.pvn no.fodselsnummer"),
    (r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}", "be.nn"),
    (r"756\.?[0-9]{4}\.?[0-9]{4}\.?[0-9]{2}", "ch.ssn"),
    (r"[0-9]{6}/[0-9]{3,4}", "cz.rc sk.rc"),
    (r"[0-9]{7}[A-W][A-IW]?", "ie.pps"),
    (r"[0-9]{2} [0-9]{3} [0-9]{3} [0-9]{3}", "de.idnr"),
    (r"[0-9]{4} [0-9]{6}", "at.vnr"),
    (r"[0-9]{11}", "pl.pesel ee.ik lt.asmens no.fodselsnummer gr.amka"),
    (r"[0-9]{13}", "ro.cnp si.emso za.idnr"),
    (r"[A-Z]{4}[0-9]{6}[HM][A-Z]{5}[0-9A-Z][0-9]", "mx.curp"),
    (r"[0-9]{17}[0-9X]", "cn.ric"),
    (r"[0-9]{6}-[0-9]{7}", "kr.rrn"),
    (r"[0-9]{3}[- ][0-9]{3}[- ][0-9]{3}", "ca.sin"),
    (r"[0-9]{4} [0-9]{4} [0-9]{4}", "in_.aadhaar"),
    (r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9Kk]", "cl.rut"),
)
"""Shapes that hardly anything else has, and by which checks each is a number of a person."""

_BY_CHECK_DIGIT: Final = (
    *("at.vnr", "be.nn", "bg.egn", "br.cpf", "ca.sin", "ch.ssn", "de.idnr", "ee.ik", "gb.nhs"),
    *("gr.amka", "hr.oib", "il.idnr", "in_.aadhaar", "is_.kennitala", "lt.asmens", "nl.bsn", "no.fodselsnummer"),
    *("pl.pesel", "pt.nif", "ro.cnp", "se.personnummer", "si.emso", "tr.tckimlik", "za.idnr"),
)
"""Those that are written as digits alone. Any number passes some of them by chance: only a whole column proves them."""

_CHANCE: Final = 0.12
"""How many numbers out of the blue pass such a check: one digit of eleven, or a little more."""
_FEWEST = 20
_DIGITS = re.compile(r"[0-9][0-9 .-]{7,15}[0-9]")
_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-Z]{2}[0-9]{6}[A-D]")
TEXT = re.compile(
    r"(?<![\w.,+-])(?:" + "|".join(f"(?P<s{i}>{shape}(?![\\w+-]))" for i, (shape, _) in enumerate(_SHAPES)) + ")"
)


def is_national_id(text: str) -> bool:
    """Whether a text has the shape of such a number, and its check digits are right."""
    return any(re.fullmatch(shape, text) and _passes(text, modules) for shape, modules in _SHAPES)


@lru_cache(maxsize=4096)
def has_right_shape(text: str) -> bool:
    """As `is_national_id`, for what `TEXT` has found."""
    return is_national_id(text)


def share_of_ids(cells: list[str]) -> float:
    """How many of the different cells of a column are numbers of people of one country, without those by chance."""
    numbers = [cell for cell in cells if _DIGITS.fullmatch(cell)]
    if len(numbers) < max(_FEWEST, len(cells) // 2):
        return 0.0
    best = max(sum(map(_check(module), numbers)) for module in _BY_CHECK_DIGIT) / len(cells)
    return max(0.0, (best - _CHANCE) / (1 - _CHANCE))


def _passes(text: str, modules: str) -> bool:
    return any(_check(module)(text) for module in modules.split())


@cache
def _check(module: str) -> Callable[[str], bool]:
    if module == "nino":
        return lambda text: bool(_NINO.fullmatch(text.replace(" ", "")))
    is_valid: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return is_valid
