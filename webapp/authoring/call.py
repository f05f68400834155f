"""Calling a job's function, whether it is sync or async."""

import asyncio
import inspect
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from pydantic import BaseModel

from webapp.authoring.context import Context
from webapp.authoring.job_type import MUTABLE, JobType


class Caller:
    """Calls one job's function many times; an async one on a single event loop, made once.

    To be used in a `with` block, and not inside of a running event loop.
    """

    def __init__(self, job_type: JobType) -> None:
        self._job_type = job_type
        self._runner = asyncio.Runner() if job_type.is_async else None
        self._call = self._run if job_type.is_async else job_type.function

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner:
            self._runner.close()

    def __call__(self, **arguments: Any) -> object:  # noqa: ANN401 - whatever the function takes
        """Call the function; what it raises passes through."""
        return self._call(**arguments)

    def for_rows(self, params: BaseModel, ctx: Context | None) -> Callable[[object], object]:
        """The call for one row after the other; arguments are gathered once where no row could change them."""
        job_type, call = self._job_type, self._call
        fixed = job_type.arguments(params, ctx=ctx)
        if any(isinstance(value, MUTABLE) for value in params.__dict__.values()):
            return lambda row: call(**job_type.arguments(params, row=row, ctx=ctx))
        return lambda row: call(row=row, **fixed)

    def _run(self, **arguments: Any) -> object:  # noqa: ANN401 - whatever the function takes
        result = self._job_type.function(**arguments)
        return self._runner.run(result) if self._runner and inspect.iscoroutine(result) else result


def call(job_type: JobType, **arguments: Any) -> object:  # noqa: ANN401 - whatever the function takes
    """Call the function of a job once."""
    with Caller(job_type) as caller:
        return caller(**arguments)
