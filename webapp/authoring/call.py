"""Calling a job's function, whether it is sync or async."""

import asyncio
import inspect
from types import TracebackType
from typing import Any, Self

from webapp.authoring.job_type import JobType


class Caller:
    """Calls one job's function many times; an async one on a single event loop, made once.

    To be used in a `with` block, and not inside of a running event loop.
    """

    def __init__(self, job_type: JobType) -> None:
        self._function = job_type.function
        self._runner = asyncio.Runner() if job_type.is_async else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner:
            self._runner.close()

    def __call__(self, **arguments: Any) -> object:  # noqa: ANN401 - whatever the function takes
        """Call the function; what it raises passes through."""
        result = self._function(**arguments)
        return self._runner.run(result) if self._runner and inspect.iscoroutine(result) else result


def call(job_type: JobType, **arguments: Any) -> object:  # noqa: ANN401 - whatever the function takes
    """Call the function of a job once."""
    with Caller(job_type) as caller:
        return caller(**arguments)
