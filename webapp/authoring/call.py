"""Calling a job's function, whether it is sync or async, with its services opened around all calls."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from pydantic import BaseModel

from webapp.authoring.cleanup import Cleanup
from webapp.authoring.context import Context
from webapp.authoring.job_type import MUTABLE, JobType
from webapp.authoring.opening import Overrides, Services
from webapp.authoring.services import by_provider


class Caller:
    """Calls one job's function many times; an async one on a single event loop, made once.

    To be used in a `with` block, and not inside of a running event loop. Within it the services are open.
    """

    def __init__(
        self, job_type: JobType | Cleanup, given: Mapping[str, object] | None = None, overrides: Overrides | None = None
    ) -> None:
        """Prepare; `given` is what providers may ask for by name, `overrides` what stands in for some of them."""
        self._job_type = job_type
        self._given = given or {}
        self._runner = asyncio.Runner() if job_type.is_async else None
        self._call = self._run if job_type.is_async else job_type.function
        self._services = Services(job_type.services, self._runner, overrides)
        self._injected: dict[str, object] = {}

    def __enter__(self) -> Self:
        try:
            self._injected = self._services.open(self._given)
        except BaseException:
            self._close_loop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._services.close(error)
        finally:
            self._close_loop()

    def __call__(self, **arguments: Any) -> object:  # noqa: ANN401 - whatever the function takes
        """Call the function; what it raises passes through."""
        return self._call(**self._injected, **arguments)

    def for_rows(self, params: BaseModel, ctx: Context | None) -> Callable[[object], object]:
        """The call for one row after the other; arguments are gathered once where no row could change them."""
        job_type, call, injected = self._job_type, self._call, self._injected
        if isinstance(job_type, Cleanup):
            raise TypeError("cleaning up is done once, not for each row")
        fixed = job_type.arguments(params, ctx=ctx) | injected
        if any(isinstance(value, MUTABLE) for value in params.__dict__.values()):
            return lambda row: call(**job_type.arguments(params, row=row, ctx=ctx), **injected)
        return lambda row: call(row=row, **fixed)

    def _run(self, **arguments: Any) -> object:  # noqa: ANN401 - whatever the function takes
        result = self._job_type.function(**arguments)
        return self._runner.run(result) if self._runner and inspect.iscoroutine(result) else result

    def _close_loop(self) -> None:
        if self._runner:
            self._runner.close()


AnyJob = JobType | Callable[..., object]
"""A job as a test names it."""


def type_of(job: AnyJob) -> JobType:
    """The job type of a function with `@job` above it.

    Raises:
        TypeError: it is none.
    """
    found = job if isinstance(job, JobType) else getattr(job, "job_type", None)
    if not isinstance(found, JobType):
        name = getattr(job, "__name__", repr(job))
        raise TypeError(f"{name} is no job: write @job(...) above the function")
    return found


def call(
    job: AnyJob,
    /,
    *,
    overrides: Overrides | None = None,
    settings: object = None,
    **arguments: Any,  # noqa: ANN401 - whatever the function takes
) -> object:
    """Call the function of a job once, as a test does.

    Args:
        job: the function with `@job` above it, or its job type.
        overrides: what stands in for its services, or for providers of them: `{HttpService: lambda: fake}`.
        settings: handed to providers that ask for them.
        arguments: those of the function, and `ctx` if providers ask for it.

    Raises:
        AuthoringError: an override is of nothing that the job uses.
        TypeError: `job` is no job.
    """
    job_type = type_of(job)
    ctx = arguments.get(job_type.context_param) if job_type.context_param else arguments.pop("ctx", None)
    given = {name: value for name, value in (("settings", settings), ("ctx", ctx)) if value is not None}
    with Caller(job_type, given, by_provider(overrides or {})) as caller:
        return caller(**arguments)
