"""Slow down guessing, without locking anybody out for good."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from webapp.errors import TooMany
from webapp.kit import fingerprint

REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries at once, then one each `refill_s` seconds."""

    tries: int
    refill_s: float


PAIR = Limit(tries=5, refill_s=20)
SOURCE = Limit(tries=20, refill_s=5)
ACCOUNT = Limit(tries=20, refill_s=60)


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Throttle:
    """Counts tries to sign in, per account, per source and per both; forgets the oldest beyond a bound.

    A source that has signed in to an account before isn't held up by what others try on it: so an attacker
    can't keep its owner out.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()

    def take(self, account: str, source: str) -> None:
        """Count a try before it is made, so that a hundred at once count as a hundred.

        Raises:
            TooMany: it may not be made yet; says how long to wait.
        """
        with self._lock:
            self._spend(self._limits(account, source))

    def take_from(self, source: str) -> None:
        """Count a try that names no account, so that nobody can use up what belongs to another source.

        Raises:
            TooMany: it may not be made yet; says how long to wait.
        """
        with self._lock:
            self._spend(_of_source(source))

    def give_back(self, account: str, source: str) -> None:
        """The try was right: it doesn't count, and the source is known from now on."""
        with self._lock:
            for key, limit in self._limits(account, source).items():
                bucket = self._bucket(key, limit)
                bucket.left = min(limit.tries, bucket.left + 1)
            self._buckets.pop(_key(account, _net(source)), None)
            self._known[_key(account, _net(source))] = None
            _shorten(self._known)

    def _limits(self, account: str, source: str) -> dict[str, Limit]:
        pair = _key(account, _net(source))
        limits = {pair: PAIR} | _of_source(source)
        return limits if pair in self._known else limits | {_key("account", account): ACCOUNT}

    def _spend(self, limits: dict[str, Limit]) -> None:
        buckets = [(self._bucket(key, limit), limit) for key, limit in limits.items()]
        wait = max((1 - bucket.left) * limit.refill_s for bucket, limit in buckets)
        if wait > 0:
            raise TooMany(_sentence(wait), wait_s=int(wait) + 1)
        for bucket, _ in buckets:
            bucket.left -= 1

    def _bucket(self, key: str, limit: Limit) -> _Bucket:
        present = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(limit.tries, present))
        bucket.left = min(limit.tries, bucket.left + (present - bucket.at) / limit.refill_s)
        bucket.at = present
        self._buckets.move_to_end(key)
        _shorten(self._buckets)
        return bucket


def _shorten(kept: OrderedDict[str, _Bucket] | OrderedDict[str, None]) -> None:
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)


def _of_source(source: str) -> dict[str, Limit]:
    return {_key("source", _net(source)): SOURCE}


def _key(*parts: str) -> str:
    return fingerprint("\0".join(part.casefold() for part in parts))


def _net(source: str) -> str:
    """The address; of IPv6 the /64, which is what one household or machine has."""
    try:
        address = ip_address(source)
    except ValueError:
        return source
    if isinstance(address, IPv6Address) and not address.ipv4_mapped:
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)


def _sentence(wait: float) -> str:
    seconds = int(wait) + 1
    return f"Too many tries. Wait {seconds} second{'s' if seconds != 1 else ''} and try again."
