"""Texts with a form of their own: e-mail and web addresses, and codes."""

import re

_EMAIL = re.compile(r"[^\s@,;\"<>()]+@[^\s@,;\"<>()]+\.[^\s@.,;\"<>()]{2,}\Z")
_URL = re.compile(r"(?:(?:https?|ftps?|sftp)://|www\.)[^\s/?#<>\"]+(?:[/?#][^\s<>\"]*)?\Z", re.IGNORECASE)
# Digits alone, or a telephone number, an account, an ISBN: seven digits and more with signs between them, but no day.
_DIGITS = re.compile(r"[0-9]+\Z")
_DAY = r"(?![0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}\Z|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}\Z)"
_GROUPED = re.compile(_DAY + r"(?:\+|00 ?)?\(?[0-9](?:[ ()/.-]{0,3}[0-9]){6,24}\Z")


def parse_email(text: str, _: str = "") -> str:
    if "@" not in text:
        raise ValueError("is not an e-mail address: an @ is missing")
    if not _EMAIL.match(text):
        raise ValueError("is not an e-mail address")
    return text


def parse_url(text: str, _: str = "") -> str:
    if not _URL.match(text):
        raise ValueError("is not a web address: write it as https://example.org")
    return text


def parse_code(text: str, _: str = "") -> str:
    """A code keeps every character it is written with: its zeros, its + and its spaces."""
    if not _DIGITS.match(text) and not _GROUPED.match(text):
        raise ValueError("is not a code of digits")
    return text


def parse_text(text: str, _: str = "") -> str:
    return text
