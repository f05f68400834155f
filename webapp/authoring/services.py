"""Services: parameters that are injected. What a function declares, read and checked when it is registered."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from fast_depends import Depends
from fast_depends.dependencies import Dependant
from fast_depends.utils import is_async_gen_callable, is_coroutine_callable

from webapp.authoring.errors import AuthoringError
from webapp.authoring.place import Place

__all__ = ["GIVEN", "Depends", "Service", "by_provider", "check_overrides", "declared_service", "read_service"]

GIVEN: Final = ("settings", "ctx")
"""What a provider may ask for by name."""

Provider = Callable[..., Any]
_ASK = "a provider may ask for settings, for ctx, and with Annotated[..., Depends(...)] for other services"


@dataclass(frozen=True, slots=True)
class Service:
    """A parameter that is injected: what FastDepends solves, and of all providers it takes whether one is async."""

    dependant: Dependant
    providers: tuple[Provider, ...]
    asked: frozenset[str]
    """Which of `GIVEN` they ask for."""

    def is_async(self, overrides: Mapping[Provider, Provider]) -> bool:
        """Whether it can be opened on an event loop only."""
        return any(_is_async(overrides.get(provider, provider)) for provider in self.providers)


def declared_service(parameter: inspect.Parameter, hint: object, place: Place) -> Dependant | None:
    """The `Depends` of a parameter; None if it has none.

    Raises:
        AuthoringError: It stands where it does not belong, or is another library's.
    """
    if _is_depends(parameter.default):
        raise place.mistake(
            "has its Depends as a default: write Annotated[its type, Depends(...)], so that the function can be "
            "called without a desk",
            parameter.name,
        )
    found = [marker for marker in get_args(hint)[1:] if _is_depends(marker)]
    if len(found) > 1:
        raise place.mistake("has more than one Depends: leave one", parameter.name)
    if found and not isinstance(found[0], Dependant):
        raise place.mistake("has the Depends of another library: import it from webapp.authoring", parameter.name)
    return found[0] if found else None


def read_service(name: str, dependant: Dependant, place: Place, *, on_loop: bool) -> Service:
    """A parameter's service, with all that it takes to open it.

    Raises:
        AuthoringError: It could never be opened; says which provider asks for what, and how to mend it.
    """
    reader = _Reader(name, place, on_loop=on_loop)
    reader.read(dependant.dependency, ())
    return Service(dependant, tuple(reader.providers), frozenset(reader.asked))


def by_provider(overrides: Mapping[Any, Provider]) -> dict[Provider, Provider]:
    """The same by providers, where a test has named an injected type: `{HttpService: lambda: fake}`."""
    named = ((key, [each for each in get_args(key)[1:] if isinstance(each, Dependant)]) for key in overrides)
    return {found[0].dependency if found else key: overrides[key] for key, found in named}


def check_overrides(services: Iterable[Service], overrides: Mapping[Provider, Provider]) -> None:
    """Refuse to replace what is not there: the test would use the real thing.

    Raises:
        AuthoringError: An override is of no provider of these services.
    """
    used = [provider for service in services for provider in service.providers]
    for original in overrides:
        if original not in used:
            there = ", ".join(map(_called, used)) or "none"
            raise AuthoringError(f"overrides names {_called(original)}, which the job does not use: it uses {there}")


class _Reader:
    """Walks through a service's providers."""

    def __init__(self, name: str, place: Place, *, on_loop: bool) -> None:
        self.providers: list[Provider] = []
        self.asked: set[str] = set()
        self._name, self._place, self._on_loop = name, place, on_loop
        self._meant: dict[str, Provider | None] = {}

    def read(self, provider: Provider, askers: tuple[Provider, ...]) -> None:
        """Note a provider and those that it asks for; `askers` are those it is opened for."""
        if provider in askers:
            raise self._mistake(provider, "asks for itself: take that out")
        for parameter in self._parameters(provider):
            self._read_parameter(provider, parameter, (*askers, provider))
        if provider not in self.providers:
            self.providers.append(provider)

    def _parameters(self, provider: Provider) -> Iterator[inspect.Parameter]:
        if not callable(provider):
            raise self._mistake(provider, "is no function: write Depends(open_it), without brackets behind the name")
        if _is_async(provider) and not self._on_loop:
            raise self._mistake(provider, "is async, and the job's function is not: make both `async def`, or none")
        try:
            parameters = inspect.signature(provider, eval_str=True).parameters
        except (NameError, TypeError, ValueError) as error:
            raise self._mistake(
                provider,
                f"has a signature that cannot be read ({error}): import its types outside of `if TYPE_CHECKING`",
            ) from error
        yield from parameters.values()

    def _read_parameter(self, provider: Provider, parameter: inspect.Parameter, askers: tuple[Provider, ...]) -> None:
        name = parameter.name
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise self._mistake(provider, f"has the parameter '{parameter}', and is called by name: {_ASK}")
        dependant = declared_service(parameter, parameter.annotation, self._place)
        if dependant is not None:
            self._check_means_one(provider, name, dependant.dependency)
            self.read(dependant.dependency, askers)
        elif name in GIVEN:
            self.asked.add(name)
        elif parameter.default is parameter.empty:
            raise self._mistake(provider, f"asks for '{name}', which nobody can give: {_ASK}")
        else:
            self._check_means_one(provider, name, None)

    def _check_means_one(self, provider: Provider, name: str, wanted: Provider | None) -> None:
        """FastDepends hands what it has solved under a name to all that ask for the name, whatever they declare."""
        if name in GIVEN or self._meant.setdefault(name, wanted) is not wanted:
            raise self._mistake(provider, f"calls something else '{name}' than the others do: rename its parameter")

    def _mistake(self, provider: object, what: str) -> AuthoringError:
        return self._place.mistake(f"is injected, but {_called(provider)} {what}", self._name)


def _is_depends(marker: object) -> bool:
    return isinstance(marker, Dependant) or type(marker).__name__ == "Depends"


def _is_async(provider: Provider) -> bool:
    return is_coroutine_callable(provider) or is_async_gen_callable(provider)


def _called(provider: object) -> str:
    code = getattr(inspect.unwrap(provider), "__code__", None) if callable(provider) else None
    name = getattr(provider, "__name__", None) or repr(provider)
    return f"{name} ({code.co_filename.rpartition('/')[2]}:{code.co_firstlineno})" if code else name
