"""The mails that an hour and a day may have, counted for those that no job's function sends."""

from webapp.jobs.allowance import take
from webapp.services.mail import ALLOWANCE
from webapp.settings import Settings
from webapp.store.database import Database


def seconds_to_wait(database: Database, settings: Settings) -> float:
    """Use up one of the mails of the hour, and of the day; 0, or in how many seconds there are new ones.

    The hour is taken first: one of its mails is worth nothing once the day is full, but not the other way round.
    """
    seconds = take(database, ALLOWANCE, settings.mails_per_hour)
    a_day = settings.mails_per_day
    return seconds if seconds or a_day is None else take(database, ALLOWANCE, a_day, span="day")
