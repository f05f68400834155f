"""Time, ids and secrets in one place, so that each is made in one way."""

import hashlib
import secrets
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils


def now() -> datetime:
    """The present time, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): unique everywhere, and sorted by the time it was made."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def new_secret() -> str:
    """A secret of 256 random bits, safe in a URL, a cookie and a header."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """What is stored of a secret: enough to recognise it, not to use it.

    SHA-256 suffices because our secrets are random, not chosen by people.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
