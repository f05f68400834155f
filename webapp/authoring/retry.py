"""When a job is tried again by itself, and how long it waits before."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retry:
    """Tries what raises one of `on` at most `attempts` times, the first one counted, each time after twice as long.

    The n-th wait is drawn evenly between half and all of `first_seconds * 2**(n-1)`, at most `longest_seconds`: many
    jobs that failed together do not come back together
    (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
    """

    attempts: int = 3
    on: tuple[type[Exception], ...] = (ConnectionError, TimeoutError)
    first_seconds: float = 5.0
    longest_seconds: float = 600.0

    def wait_seconds(self, retry: int) -> float:
        """How long to wait before it is tried again for the first time (1), the second (2) and so on."""
        longest: float = min(self.first_seconds * 2 ** min(retry - 1, 30), self.longest_seconds)
        return random.uniform(longest / 2, longest)  # noqa: S311 (nothing secret)
