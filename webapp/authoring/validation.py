"""Raw values to parameters; what does not fit is said in one sentence for each field."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from webapp.authoring.columns import UNKNOWN_COLUMN
from webapp.authoring.errors import ParamsError
from webapp.authoring.kind import Kind
from webapp.authoring.other_file import FindFile

_SHOWN = 40
_HIDDEN = "…"


def validated(
    model: type[BaseModel],
    inputs: Sequence[Kind],
    raw: Mapping[str, object],
    columns: Sequence[str] | None,
    files: FindFile | None = None,
) -> BaseModel:
    """The parameters of raw values; `columns` are those of the file, None if they are not to be checked.

    `files` finds the files among the parameters; None if they are not to be looked up.

    Raises:
        ParamsError: Some do not fit.
    """
    if not isinstance(raw, Mapping):
        raise ParamsError({"": "The parameters are not names with values."})
    problems = _complaints(inputs, raw)
    try:
        params = model.model_validate(
            dict(raw), context={"columns": columns, "files": files}, by_alias=True, by_name=True
        )
    except ValidationError as error:
        problems = {**dict(_sentences(inputs, error)), **problems}
    if problems:
        raise ParamsError(_in_order(inputs, problems))
    return params


def _in_order(inputs: Sequence[Kind], problems: Mapping[str, str]) -> dict[str, str]:
    places = {kind.spec.name: place for place, kind in enumerate(inputs)}
    return dict(sorted(problems.items(), key=lambda item: places.get(item[0].split(".")[0], len(places))))


def _complaints(inputs: Sequence[Kind], raw: Mapping[str, object]) -> dict[str, str]:
    return {
        path: _sentence(_find(inputs, path.split("."))[0], complaint)
        for kind in inputs
        if kind.spec.name in raw
        for path, complaint in kind.complaints(raw[kind.spec.name]).items()
    }


def _sentences(inputs: Sequence[Kind], error: ValidationError) -> Iterator[tuple[str, str]]:
    """The first problem of each field; reversed, because in a dict the last one wins."""
    for details in reversed(error.errors(include_url=False)):
        kind, rest = _find(inputs, details["loc"])
        if kind is None or details["type"] == "extra_forbidden":
            yield _unknown(details["loc"])
        else:
            yield kind.spec.path, _sentence(kind, _reason(kind, details, rest))


def _find(inputs: Sequence[Kind], location: Sequence[str | int]) -> tuple[Kind | None, Sequence[str | int]]:
    for kind in inputs:
        if location and location[0] == kind.spec.name:
            return kind.find(location[1:])
    return None, location


def _reason(kind: Kind, details: ErrorDetails, rest: Sequence[str | int]) -> str:
    from webapp.intake.words import explain  # noqa: PLC0415 - a package beside this one; needed only here

    if kind.secret_paths():
        details = {**details, "input": _HIDDEN}
    reason = details["msg"] if details["type"] == UNKNOWN_COLUMN else explain(details)
    if details["type"] == "string_pattern_mismatch" and kind.spec.help:
        reason = f"{reason}: {kind.spec.help[0].lower()}{kind.spec.help[1:]}"
    return f"has “{details['input']!s:.{_SHOWN}}”, which {reason}" if rest else reason


def _sentence(kind: Kind | None, reason: str) -> str:
    return f"{kind.spec.title if kind else 'A value'} {reason}".rstrip(".") + "."


def _unknown(location: Sequence[str | int]) -> tuple[str, str]:
    path = ".".join(str(part) for part in location)
    return path, f"This job has no parameter called {path:.{_SHOWN}}."
