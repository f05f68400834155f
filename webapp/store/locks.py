"""Doing one thing at a time across all processes, where no key and no condition of an update would do."""

from hashlib import blake2b

from sqlalchemy import Connection, func, select


def hold(connection: Connection, name: str) -> None:
    """Wait until nobody else holds the lock of this name, and hold it to the end of the transaction.

    What is read afterwards holds all that the earlier holders wrote. On SQLite a transaction that writes is alone
    from its beginning, so there is nothing to do.

    Raises:
        OperationalError: another one held it for too long.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_number(name))))


def _number(name: str) -> int:
    digest = blake2b(f"batchdesk {name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
