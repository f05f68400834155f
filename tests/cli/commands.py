"""Commands as the tests give them."""

from collections.abc import Callable

PASSWORD = "seven small boats"
Run = Callable[..., tuple[int, str, str]]


def add(run: Run, name: str = "Ann", *more: str, password: bytes = PASSWORD.encode()) -> tuple[int, str, str]:
    return run("user", "add", name, *more, "--password-stdin", stdin=password)
