"""Parameters to what is stored of them, and back; secrets go another way."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any
from uuid import UUID

from pydantic import BaseModel, SecretStr

from webapp.authoring.kind import Kind


def secrets_of(params: BaseModel, inputs: Sequence[Kind]) -> dict[str, str]:
    """The secrets by dotted path, in the clear."""
    paths = [path for kind in inputs for path in kind.secret_paths()]
    found = {path: _at(params, path) for path in paths}
    return {path: value.get_secret_value() for path, value in found.items() if isinstance(value, SecretStr)}


def dumped(params: BaseModel, inputs: Sequence[Kind]) -> dict[str, Any]:
    """The parameters as JSON can hold them, without the secrets."""
    exclude: dict[str, Any] = {}
    for path in secrets_of(params, inputs):
        _put(exclude, path, value=True)
    return params.model_dump(mode="json", by_alias=False, exclude=exclude)


def files_of(stored: Mapping[str, Any], inputs: Sequence[Kind]) -> list[UUID]:
    """The ids of the other files among what was dumped."""
    found = [_stored_at(stored, path) for kind in inputs for path in kind.file_paths()]
    return [UUID(text.partition(" ")[0]) for text in found if isinstance(text, str)]


def joined(stored: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """What was dumped with its secrets back in their places: raw values again."""
    raw = deepcopy(dict(stored))
    for path, secret in secrets.items():
        _put(raw, path, secret)
    return raw


def _at(value: object, path: str) -> object:
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def _stored_at(tree: object, path: str) -> object:
    for name in path.split("."):
        tree = tree.get(name) if isinstance(tree, Mapping) else None
    return tree


def _put(tree: dict[str, Any], path: str, value: object) -> None:
    *parents, name = path.split(".")
    for parent in parents:
        tree = tree.setdefault(parent, {})
    tree[name] = value
