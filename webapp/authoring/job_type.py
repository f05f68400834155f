"""A registered function: what it takes, how it is asked for, and how it is called."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel

from webapp.authoring.asked import key_by, problems_by
from webapp.authoring.cleanup import Cleanup
from webapp.authoring.conditions import Conditions
from webapp.authoring.errors import ParamsError
from webapp.authoring.kind import Form, FormField, Kind
from webapp.authoring.kinds.database import OneDatabase
from webapp.authoring.other_file import FindFile
from webapp.authoring.retry import Retry
from webapp.authoring.services import Service
from webapp.authoring.signature import FileKind, Shape
from webapp.authoring.start_page import Foresee, Preview, Trial
from webapp.authoring.storing import dumped, files_of, joined, secrets_of
from webapp.authoring.undo import UndoFunction
from webapp.authoring.validation import validated

MUTABLE: Final = (list, dict, BaseModel)


Check = Callable[[Mapping[str, Any]], Mapping[str, str]]
"""Looks at parameters together: by the name of each that does not go with the others, a sentence."""


Needs = Callable[..., Mapping[str, str]]
"""Called with `given` and `settings` by name: a sentence for each parameter for which the desk lacks something."""


Least = Literal["operator", "admin"]
"""The least role that may run a job."""


OnlyOne = Callable[[Mapping[str, Any]], object]
"""Of the parameters by name: jobs of the type for which it says the same run one after the other; None: beside any."""


RowKey = str | Callable[[Any], object]
"""What tells a row from others: the name of a field or column, or a function of the row. Nothing: it has no key."""

Estimate = Callable[[int], tuple[float, float]]
"""Of a number of rows: how many seconds they take, at least and at most."""

AtOnce = Callable[[Mapping[str, Any]], int]
"""Of the parameters by name: how many rows may be in the function's hands at the same time."""


@dataclass(frozen=True, slots=True)
class JobType:
    """One job an operator can choose."""

    name: str
    title: str
    summary: str
    help: str
    function: Callable[..., object]
    shape: Shape
    row_model: type[BaseModel] | None
    file_param: str | None
    file_kind: FileKind | None
    context_param: str | None
    services: Mapping[str, Service] = field(hash=False)
    params_model: type[BaseModel]
    inputs: tuple[Kind, ...]
    check: Check | None
    needs: Needs | None
    undo: UndoFunction | None
    preview: Preview | None
    foresee: Foresee | None
    trial: Trial | None
    confirm_above: int | None
    cleanup: Cleanup | None
    is_async: bool
    restart: bool
    retry: Retry | None
    queue: str
    only_one: OnlyOne | None
    row_key: RowKey | None
    estimate: Estimate | None
    at_once: AtOnce | None
    time_limit: float | None
    memory_limit: int | None
    private: bool
    role: Least
    icon: str | None
    accepts: tuple[str, ...]
    example: Path | None
    source: str
    version: str
    settings: object = field(default=None, compare=False, repr=False)
    """Those of the desk that asks for parameters; None where a job is worked on."""

    @property
    def takes_file(self) -> bool:
        """Whether the operator has to hand in a file."""
        return self.shape is not Shape.PLAIN

    @property
    def module(self) -> str:
        """The name of the module the function is in; unique also for files outside of the package."""
        return self.function.__module__

    def schema(self) -> dict[str, Any]:
        """The JSON schema of the parameters."""
        return self.params_model.model_json_schema(by_alias=False)

    def fields(
        self,
        columns: Sequence[str] = (),
        values: Mapping[str, object] | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> tuple[FormField, ...]:
        """The form: with the defaults, or with raw `values` as they were typed and the `errors` beside them."""
        given = values or {}
        conditions = Conditions(self.inputs)
        hidden = conditions.hidden(given)
        wrong = {path.partition(".")[0] for path in errors or {}}
        return tuple(
            replace(
                kind.field(value := given.get(kind.spec.name, kind.spec.default), errors or {}, columns),
                condition=conditions.of(kind, met=kind.spec.name not in hidden),
                folded=str(kind.spec.hints.get("folded", "")),
                opened=kind.spec.name in wrong or (kind.spec.name in given and not kind.is_default(value)),
            )
            for kind in self.inputs
            if kind.offered
        )

    def offering(self, databases: Sequence[str], settings: object = None) -> "JobType":
        """The same, where the administrator has named these databases; and on a desk with these settings."""
        inputs = (kind.offering(databases) if isinstance(kind, OneDatabase) else kind for kind in self.inputs)
        return replace(self, inputs=tuple(inputs), settings=settings)

    def target(self, params: BaseModel) -> str | None:
        """The named database that a job with these parameters writes into; None for the desk's data database."""
        name = next((kind.spec.name for kind in self.inputs if isinstance(kind, OneDatabase)), None)
        return None if name is None else getattr(params, name) or None

    def parse_form(self, form: Form, columns: Sequence[str] = ()) -> dict[str, object]:
        """The raw values of a submitted form; a field it does not have is left out, a blank one is None."""
        return {kind.spec.name: kind.read(form, columns) for kind in self.inputs if kind.present(form)}

    def validate(
        self, raw: Mapping[str, object], columns: Sequence[str] | None = None, files: FindFile | None = None
    ) -> BaseModel:
        """The frozen parameters of raw values, from a form or from JSON. What is not asked for has its default.

        `columns` and `files` are what names of columns and other files have to be among; None if that is not known.

        Raises:
            ParamsError: Some do not fit; a sentence for each, by dotted name.
        """
        if isinstance(raw, Mapping):
            hidden = Conditions(self.inputs).hidden(raw)
            raw = {name: value for name, value in raw.items() if name not in hidden}
        params = validated(self.params_model, self.inputs, raw, columns, files)
        problems = problems_by(self.check, self.name, params.__dict__) if self.check else {}
        if problems:
            raise ParamsError(problems)
        return params

    def lacking(self, params: BaseModel) -> dict[str, str]:
        """For which of the parameters this desk lacks something: a sentence for each, by dotted name."""
        if self.needs is None or self.settings is None:
            return {}
        needs, settings = self.needs, self.settings
        return problems_by(lambda given: needs(given=given, settings=settings), self.name, params.__dict__)

    def dump(self, params: BaseModel) -> dict[str, Any]:
        """The parameters as JSON can hold them, without the secrets."""
        return dumped(params, self.inputs)

    def secrets(self, params: BaseModel) -> dict[str, str]:
        """The secrets among the parameters in the clear, by dotted name."""
        return secrets_of(params, self.inputs)

    def files(self, stored: Mapping[str, Any]) -> list[UUID]:
        """The ids of the other files among what `dump` gave."""
        return files_of(stored, self.inputs)

    def load(
        self, stored: Mapping[str, Any], secrets: Mapping[str, str] | None = None, files: FindFile | None = None
    ) -> BaseModel:
        """The parameters again, from what `dump` and `secrets` gave.

        Raises:
            ParamsError: The function has changed since, and they no longer fit.
        """
        return self.validate(joined(stored, secrets or {}), files=files)

    def only_one_key(self, params: BaseModel) -> str | None:
        """What a job with these parameters may not share with a running one; None if it may run beside any.

        Raises:
            ParamsError: the author's function can't say.
        """
        return None if self.only_one is None else key_by(self.only_one, self.name, params.__dict__)

    def arguments(
        self, params: BaseModel, *, row: object = None, file: object = None, ctx: object = None
    ) -> dict[str, Any]:
        """The keyword arguments of one call; lists and models are copies, so no call can change the next one's.

        Without a `row`, those of a row job that are the same for all rows.
        """
        arguments = {
            name: deepcopy(value) if isinstance(value, MUTABLE) else value for name, value in params.__dict__.items()
        }
        if row is not None:
            arguments["row"] = row
        if self.file_param:
            arguments[self.file_param] = file
        if self.context_param:
            arguments[self.context_param] = ctx
        return arguments
