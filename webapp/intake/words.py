"""What pydantic found wrong with a value, in words for who has to mend it: "Amount" + "is not a number"."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from webapp.intake.values import either_way
from webapp.intake.values.days import wrong_date, wrong_moment

_DATE = "is not a date: write it as 2026-01-31"
_MOMENT = "is not a date and time: write it as 2026-01-31 14:30"
_TIME = "is not a time: write it as 14:30"
_EITHER_WAY = "could be day/month or month/day: say which the column has, or write it as 2026-01-31"
_DURATION = "is not a length of time: write 1 hour and 30 minutes as 01:30:00"
_LIST = "is not a list"
_PAIRS = "is not a set of names with values"
_ADDRESS = "is not a web address: write it as https://example.org"
_ID = "is not an id such as 123e4567-e89b-12d3-a456-426614174000"

_SENTENCES: dict[str, str] = {
    "missing": "is empty",
    "missing_argument": "is empty",
    "missing_keyword_only_argument": "is empty",
    "missing_positional_only_argument": "is empty",
    "extra_forbidden": "is not expected here",
    "unexpected_keyword_argument": "is not expected here",
    "unexpected_positional_argument": "is not expected here",
    "frozen_field": "cannot be changed",
    "frozen_instance": "cannot be changed",
    "none_required": "must be left empty",
    "bool_type": "is neither yes nor no",
    "bool_parsing": "is neither yes nor no: write yes or no",
    "int_type": "is not a whole number",
    "int_parsing": "is not a whole number",
    "int_from_float": "is not a whole number",
    "int_parsing_size": "is a number with too many digits",
    "float_type": "is not a number",
    "float_parsing": "is not a number",
    "decimal_type": "is not a number",
    "decimal_parsing": "is not a number",
    "fraction_type": "is not a number",
    "fraction_parsing": "is not a number",
    "complex_type": "is not a number",
    "complex_str_parsing": "is not a number",
    "finite_number": "is not a number that can be counted with",
    "multiple_of": "must be a multiple of {multiple_of}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "decimal_max_digits": "has more than {max_digits:digit}",
    "decimal_max_places": "has more than {decimal_places:decimal place}",
    "decimal_whole_digits": "has more than {whole_digits:digit} before the decimal point",
    "string_type": "is not text",
    "string_sub_type": "is not text",
    "string_unicode": "holds characters that are not text",
    "string_too_short": "has fewer than {min_length:character}",
    "string_too_long": "has more than {max_length:character}",
    "string_pattern_mismatch": "is not written as it should be",
    "string_not_ascii": "may only have plain letters, digits and signs, without accents",
    "bytes_type": "is not text",
    "bytes_too_short": "has fewer than {min_length:character}",
    "bytes_too_long": "has more than {max_length:character}",
    "bytes_invalid_encoding": "is not written as it should be",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": "must be a date without a time",
    "date_past": "must be a date in the past",
    "date_future": "must be a date in the future",
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "datetime_past": "must be in the past",
    "datetime_future": "must be in the future",
    "time_type": _TIME,
    "time_parsing": _TIME,
    "time_delta_type": _DURATION,
    "time_delta_parsing": _DURATION,
    "timezone_naive": "must be without a time zone",
    "timezone_aware": "must say its time zone, as in 2026-01-31 14:30+01:00",
    "timezone_offset": "is in another time zone than expected",
    "too_short": "has fewer than {min_length:entry}",
    "too_long": "has more than {max_length:entry}",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "deque_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "iterable_type": _LIST,
    "iteration_error": _LIST,
    "arguments_type": _LIST,
    "set_item_not_hashable": "has an entry that cannot be in it",
    "dict_type": _PAIRS,
    "ordered_dict_type": _PAIRS,
    "frozen_dict_type": _PAIRS,
    "counter_type": _PAIRS,
    "mapping_type": _PAIRS,
    "model_type": _PAIRS,
    "model_attributes_type": _PAIRS,
    "dataclass_type": _PAIRS,
    "dataclass_exact_type": _PAIRS,
    "named_tuple_type": _PAIRS,
    "get_attribute_error": _PAIRS,
    "invalid_key": "has a name that is not text",
    "json_type": "is not JSON",
    "json_invalid": "is not JSON",
    "url_type": _ADDRESS,
    "url_parsing": _ADDRESS,
    "url_syntax_violation": _ADDRESS,
    "url_too_long": "is a web address of more than {max_length:character}",
    "url_scheme": "must be a web address that begins with {expected_schemes}",
    "uuid_type": _ID,
    "uuid_parsing": _ID,
    "uuid_version": "is not an id of version {expected_version}",
    "union_tag_invalid": "is not one of {expected_tags}",
    "union_tag_not_found": "does not say of which kind it is",
    "recursion_loop": "holds itself",
    "recursion_depth_exceeded": "is nested too deeply",
    "not_a_path": "is not a path",
    "path_not_file": "is not a file",
    "path_not_directory": "is not a folder",
    "path_exists": "exists already",
}
_WRONG_DAYS = {_DATE: wrong_date, _MOMENT: wrong_moment}
_PLURALS = {"entry": "entries"}
_PLACE = re.compile(r"\{(\w+)(?::([\w ]+))?\}")
_CHOICE = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([^\s,'\"]+)")
_JARGON = re.compile(r"^(?:Value error, |Assertion failed, |Input should be (?:a valid )?|Input should )")
_EMAIL_REASONS = (
    ("must have an @-sign", "an @ is missing"),
    ("should have a period", "what follows the @ has no dot"),
    ("before the @-sign", "what stands before the @ is not right"),
    ("after the @-sign", "what follows the @ is not right"),
)


def explain(error: ErrorDetails) -> str:
    """One error of `ValidationError.errors()` as what is said of the value: "is not a whole number"."""
    kind, context = error["type"], error.get("ctx", {})
    text = error["input"] if isinstance(error["input"], str) else None
    if text is not None and not text.strip() and kind in _SENTENCES and not kind.startswith("string_pattern"):
        return "is empty"
    if text is not None and (why := _WRONG_DAYS.get(_SENTENCES.get(kind, ""))):
        return _EITHER_WAY if either_way(text.strip()) else why(text.strip())
    if kind in _SENTENCES:
        return _fill(_SENTENCES[kind], context)
    if kind in _SPECIAL:
        return _SPECIAL[kind](error, context)
    return _plain(error["msg"])


def _fill(sentence: str, context: Mapping[str, Any]) -> str:
    return _PLACE.sub(lambda found: _counted(context.get(found[1], "?"), found[2]), sentence)


def _counted(value: object, unit: str | None) -> str:
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value).replace("'", "")
    if unit is None:
        return text
    return f"{text} {unit}" if value == 1 else f"{text} {_PLURALS.get(unit, unit + 's')}"


def _choice(error: ErrorDetails, context: Mapping[str, Any]) -> str:
    if isinstance(error["input"], str) and not error["input"].strip():
        return "is empty"
    found = _CHOICE.findall(str(context.get("expected", "")))
    choices = [single or double or bare for single, double, bare in found if bare != "or"]
    shown = ", ".join(choice.replace("\\'", "'").replace("\\\\", "\\") for choice in choices)
    return f"is not one of {shown}" if len(choices) > 1 else f"must be {shown}"


def _own_words(error: ErrorDetails, context: Mapping[str, Any]) -> str:
    """What a validator said: an e-mail address's reason, or the sentence of the job's author."""
    if "email address" in error["msg"]:
        if isinstance(error["input"], str) and not error["input"].strip():
            return "is empty"
        reason = str(context.get("reason", ""))
        words = next((words for part, words in _EMAIL_REASONS if part in reason), "")
        return f"is not an e-mail address: {words}" if words else "is not an e-mail address"
    return _plain(str(context.get("error", "")) or error["msg"])


def _plain(message: str) -> str:
    rest = _JARGON.sub("", message).strip().rstrip(".")
    if not rest:
        return "is not accepted"
    was_cut = rest != message.strip().rstrip(".") and message.startswith("Input should be")
    return f"should be {rest}" if was_cut else rest


_SPECIAL: dict[str, Callable[[ErrorDetails, Mapping[str, Any]], str]] = {
    "literal_error": _choice,
    "enum": _choice,
    "value_error": _own_words,
    "assertion_error": _own_words,
}
