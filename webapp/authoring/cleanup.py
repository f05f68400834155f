"""What is done after each attempt of a job, whatever became of it: `@job(cleanup=function)`."""

import inspect
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from webapp.authoring.context import JobFacts
from webapp.authoring.place import Place
from webapp.authoring.services import Service, declared_service, read_service


@dataclass(frozen=True, slots=True)
class Cleanup:
    """A function that cleans up: which of the job's parameters it asks for, and what else."""

    function: Callable[..., object]
    is_async: bool
    names: tuple[str, ...]
    facts_param: str | None
    services: Mapping[str, Service] = field(hash=False)

    def arguments(self, params: BaseModel, facts: JobFacts) -> dict[str, Any]:
        """The keyword arguments of its call, but for its services."""
        arguments = {name: deepcopy(getattr(params, name)) for name in self.names}
        return arguments | ({self.facts_param: facts} if self.facts_param else {})


def read_cleanup(function: Callable[..., object], names: Collection[str], place: Place) -> Cleanup:
    """What a clean-up asks for; `names` are the parameters of its job.

    Raises:
        AuthoringError: it asks for what nobody can give once the attempt is over.
    """
    called = getattr(function, "__name__", repr(function))
    if not callable(function) or inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise place.mistake(f"has the cleanup {called}, which is no plain function")
    on_loop = inspect.iscoroutinefunction(function)
    wanted: list[str] = []
    facts: str | None = None
    services: dict[str, Service] = {}
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        dependant = declared_service(parameter, parameter.annotation, place)
        if dependant is not None:
            services[name] = _without_ctx(name, read_service(name, dependant, place, on_loop=on_loop), place)
        elif parameter.annotation is JobFacts:
            facts = name
        elif name in names:
            wanted.append(name)
        elif parameter.default is parameter.empty:
            raise place.mistake(
                f"has the cleanup {called}, which asks for '{name}': it may ask for parameters of the job by their "
                "names, for JobFacts, and with Depends for services"
            )
    return Cleanup(function, on_loop, tuple(wanted), facts, services)


def _without_ctx(name: str, service: Service, place: Place) -> Service:
    if "ctx" in service.asked:
        raise place.mistake("is a service that asks for ctx: when it is cleaned up, the attempt may be over", name)
    return service
