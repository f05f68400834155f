"""What DuckDB's sniffer takes for the delimiter: asked where our own scores are close."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

_SNIFF = "SELECT delimiter FROM sniff_csv(?, ignore_errors=true, sample_size=-1)"
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": "1",
    "memory_limit": "256MB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def second_opinion(lines: Sequence[str]) -> str | None:
    """The delimiter of a text that begins with these lines, or None if DuckDB finds none.

    See https://duckdb.org/docs/stable/data/csv/auto_detection: it tries dialects and counts consistent rows.
    """
    import duckdb  # noqa: PLC0415 (heavy, and seldom needed)

    with TemporaryDirectory(prefix="batchdesk-") as folder:
        sample = Path(folder, "sample.csv")
        sample.write_text("".join(lines), encoding="utf-8", errors="replace", newline="")
        with duckdb.connect(config=_CONFIG) as connection:
            try:
                row = connection.execute(_SNIFF, [str(sample)]).fetchone()
            except duckdb.Error:
                return None
    return str(row[0]) if row else None
