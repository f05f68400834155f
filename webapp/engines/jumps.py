"""Noticing that the database's clock has jumped: leases seem over until those who hold them have renewed them."""

import time

from webapp.store.database import Database
from webapp.store.queries import clock


class Jumps:
    """The database's clock beside the machine's monotonic one, which goes on as before when a clock is set.

    A machine that slept has the same effect: its monotonic clock stood still.
    """

    def __init__(self, database: Database, lease_seconds: float) -> None:
        self._database = database
        self._lease_seconds = lease_seconds
        self._most_ahead = float("inf")
        self._trust_at = float("-inf")

    def are_leases_in_doubt(self) -> bool:
        """Whether the clock has jumped ahead so lately that who is alive may not have renewed yet."""
        asked = time.monotonic()
        with self._database.read() as session:
            shown = clock(session).timestamp()
        now = time.monotonic()
        # it was read at some moment between the two: a slow answer is no jump
        if shown - now - self._most_ahead > self._lease_seconds / 4:
            self._trust_at = now + self._lease_seconds
        self._most_ahead = shown - asked
        return now < self._trust_at
