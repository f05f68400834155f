"""Opening the services of one attempt before its first call, and closing them after its last, whatever happened."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager
from inspect import Parameter, Signature
from typing import Annotated, Any

from fast_depends.core import CallModel, build_call_model
from fast_depends.dependencies import Dependant
from fast_depends.dependencies.provider import Provider

from webapp.authoring.errors import AuthoringError, ComeBackLater, JobError, NotOpened
from webapp.authoring.services import Service, check_overrides
from webapp.authoring.words import title_of

Overrides = Mapping[Callable[..., Any], Callable[..., Any]]
"""For tests: what stands in for a provider, by the provider."""

_ONLY = "service"


class JobLeft(Exception):  # noqa: N818 - what a provider is told
    """Thrown into an async service if the job was left by no `Exception`: called off, or its worker leaves."""


class Services:
    """The services of one attempt. Those that need no event loop are opened without one, in the calling thread."""

    def __init__(
        self, services: Mapping[str, Service], runner: asyncio.Runner | None, overrides: Overrides | None = None
    ) -> None:
        """Prepare; nothing is opened yet.

        Raises:
            AuthoringError: an override is of a provider that the job does not use.
        """
        overrides = overrides or {}
        check_overrides(services.values(), overrides)
        self._services, self._runner = services, runner
        self._on_loop = [name for name, service in services.items() if runner and service.is_async(overrides)]
        self._provider = Provider()
        for original, replacement in overrides.items():
            self._provider.override(original, replacement)
        self._replaced = frozenset(overrides)
        self._stack = ExitStack()
        self._held: _Held | None = None

    def open(self, given: Mapping[str, object]) -> dict[str, object]:
        """Open all, each provider once; what of `given` they ask for is handed to them.

        Raises:
            NotOpened: one could not be opened; those before it are closed again.
            JobError, ComeBackLater: a provider said so itself.
        """
        cache: dict[Callable[..., Any], Any] = {}
        opened: dict[str, object] = {}
        try:
            for name in self._services:
                if name not in self._on_loop:
                    opened[name] = self._open_here(name, cache, given)
            if self._on_loop and self._runner:
                solve = {name: self._solver(name, cache, given) for name in self._on_loop}
                self._held = _Held(self._runner)
                opened |= self._held.open(solve)
        except BaseException as error:
            self.close(error)
            raise
        return opened

    def close(self, error: BaseException | None) -> None:
        """Close all in turn; an `error` is thrown into them where they yielded, and stays the caller's to raise."""
        try:
            if self._held:
                self._held.close(error)
        finally:
            with _but(error):
                self._stack.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)

    def _open_here(self, name: str, cache: dict[Callable[..., Any], Any], given: Mapping[str, object]) -> object:
        model, handed = self._model(name), self._given(name, given)
        with _named(name):
            return model.solve(stack=self._stack, cache_dependencies=cache, **handed)

    def _model(self, name: str) -> CallModel:
        collector = _collector(self._services[name].dependant)
        return build_call_model(collector, dependency_provider=self._provider, is_sync=name not in self._on_loop)

    def _solver(
        self, name: str, cache: dict[Callable[..., Any], Any], given: Mapping[str, object]
    ) -> Callable[[AsyncExitStack], Awaitable[object]]:
        model, handed = self._model(name), self._given(name, given)
        return lambda stack: model.asolve(stack=stack, cache_dependencies=cache, **handed)

    def _given(self, name: str, given: Mapping[str, object]) -> dict[str, Any]:
        service = self._services[name]
        lacks = [] if self._replaced & set(service.providers) else sorted(service.asked - given.keys())
        if lacks:
            raise AuthoringError(f"the service '{name}' asks for {' and '.join(lacks)}: give them, or override it")
        return dict(given)


class _Held:
    """Services on an event loop, opened and closed by one task, as task groups and timeouts want it."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._task: asyncio.Task[None] | None = None

    def open(self, solve: Mapping[str, Callable[[AsyncExitStack], Awaitable[object]]]) -> dict[str, object]:
        return self._runner.run(self._open(solve))

    def close(self, error: BaseException | None) -> None:
        thrown = error if error is None or isinstance(error, Exception) else JobLeft(str(error))
        with _but(thrown):
            self._runner.run(self._close(thrown))

    async def _open(self, solve: Mapping[str, Callable[[AsyncExitStack], Awaitable[object]]]) -> dict[str, object]:
        loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[dict[str, object]] = loop.create_future()
        self._closing: asyncio.Future[Exception | None] = loop.create_future()
        self._task = loop.create_task(self._hold(solve))
        either: list[asyncio.Future[Any]] = [self._opened, self._task]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not self._opened.done():
            task, self._task = self._task, None
            await task  # raises what was in the way
        return self._opened.result()

    async def _hold(self, solve: Mapping[str, Callable[[AsyncExitStack], Awaitable[object]]]) -> None:
        found: dict[str, object] = {}
        async with AsyncExitStack() as stack:
            for name, one in solve.items():
                with _named(name):
                    found[name] = await one(stack)
            self._opened.set_result(found)
            error = await self._closing
            if error is not None:
                raise error

    async def _close(self, error: Exception | None) -> None:
        if self._task is not None:
            self._closing.set_result(error)
            await self._task


def _collector(dependant: Dependant) -> Callable[..., object]:
    """A function whose only parameter is the service, and that gives it back."""

    def collect(**solved: object) -> object:
        return solved[_ONLY]

    parameter = Parameter(_ONLY, Parameter.KEYWORD_ONLY, annotation=Annotated[object, dependant])
    collect.__signature__ = Signature([parameter])  # type: ignore[attr-defined]
    return collect


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Says which service could not be opened, unless the provider has said something itself."""
    try:
        yield
    except (JobError, ComeBackLater, AuthoringError):
        raise
    except Exception as error:
        raise NotOpened(title_of(name)) from error


@contextmanager
def _but(error: BaseException | None) -> Iterator[None]:
    """What goes wrong while closing after an `error` is a note to it; without one it is raised."""
    try:
        yield
    except BaseException as more:
        if error is None:
            raise
        if more is not error:
            error.add_note(f"A service did not close either: {more!r}")
