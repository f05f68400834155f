"""Fetch a file from the web: the built-in job that brings what another job works on."""

import hashlib
import random
import time
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr

from webapp.authoring import ComeBackLater, Context, JobError, job
from webapp.services.http import HttpService
from webapp.services.outgoing.download import Download, Fetched, RefusedByServer
from webapp.services.outgoing.errors import AnswerLost, BadCertificate, HttpTrouble, NotReached, TooSlow, Unknown
from webapp.services.webhooks.fields import FixedHeaders, FixedUrl
from webapp.services.webhooks.template import HEADER_NAME, HEADER_VALUE
from webapp.services.webhooks.verdict import seconds_to_wait

CUTS = 5
"""How often the connection may break without getting further than ever, before the job waits for longer."""
ATTEMPTS = 8
FIRST_SECONDS, LONGEST_SECONDS = 15.0, 900.0
LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
PIECE = 1 << 20
LONGEST_NAME, LONGEST_ENDING = 150, 20
MB = 1_000_000


def what_does_not_fit(params: Mapping[str, Any]) -> dict[str, str]:
    """What can be said of the entries together."""
    problems, value = {}, params["auth"]
    if not HEADER_NAME.fullmatch(params["auth_header"]):
        problems["auth_header"] = "This cannot be the name of a header: write letters, digits and hyphens."
    if value is not None and not HEADER_VALUE.fullmatch(value.get_secret_value()):
        problems["auth"] = "The secret has a character that headers cannot hold."
    return problems


@job(title="Fetch a file from the web", icon="download", check=what_does_not_fit, queue="web")
def fetch_url(  # noqa: D417, PLR0913 (ctx and http are no fields of the form, and each of the others is one)
    ctx: Context,
    http: HttpService,
    *,
    url: Annotated[
        FixedUrl, Field(title="Address", json_schema_extra={"placeholder": "https://data.example/prices.csv"})
    ],
    name: Annotated[str | None, Field(title="Name of the file", max_length=LONGEST_NAME)] = None,
    headers: Annotated[FixedHeaders, Field(title="Headers", default_factory=dict)],
    auth_header: Annotated[str, Field(title="Secret header’s name", max_length=100)] = "Authorization",
    auth: Annotated[SecretStr | None, Field(title="Secret header’s value")] = None,
    sha256: Annotated[str | None, Field(title="SHA-256", pattern=r"^[0-9A-Fa-f]{64}$")] = None,
    most_mb: Annotated[int, Field(title="Size in MB, at most", ge=1, le=100_000)] = 1_000,
    minutes: Annotated[float, Field(title="Minutes it may take", gt=0, le=1_440)] = 60,
) -> None:
    """Fetch a file from a web address, and hand it on to another job or download it.

    After a cut or a crash it goes on where it was, if the server says that it is still the same file. What comes
    is compared with the length that the server gave, and with the SHA-256 if you know it. A server that is busy or
    away is asked again, seven times at most.

    Args:
        url: Where the file is.
        name: Blank takes what the server calls it.
        headers: As the server wants them; most want none.
        auth_header: Often Authorization or X-Api-Key.
        auth: Such as Bearer and a token. It is kept encrypted, and sent to nobody but this host.
        sha256: If you know it, another file is refused.
        most_mb: A larger file is refused.
        minutes: Each attempt may take so long.
    """
    extra = {} if auth is None else {auth_header: auth.get_secret_value()}
    part = ctx.kept_file("part")
    download = Download(http, url, {**headers, **extra}, part, most_mb * MB)
    fetched = fetch(download, ctx, minutes * 60)
    if not fetched.is_length_known:
        ctx.log("The server did not say how long the file is: look whether it is whole.", "warning")
    keep(ctx, part, safe_name(name or fetched.name), sha256)
    download.forget()


def fetch(download: Download, ctx: Context, seconds: float) -> Fetched:
    """Fetch it, however often the connection breaks, as long as it gets further and within these seconds.

    Raises:
        JobError: it cannot be had.
        ComeBackLater: it cannot be had now.
    """
    tell, so_far = teller(ctx)
    cuts = farthest = 0
    until = time.monotonic() + seconds
    while True:
        try:
            return download.fetch(until - time.monotonic(), tell)
        except (Unknown, BadCertificate) as error:
            raise JobError(str(error)) from error
        except RefusedByServer as error:
            if error.status not in LATER:
                raise JobError(f"{error} Look at the address.") from error
            raise later(ctx, error, seconds_to_wait(error.retry_after)) from error
        except AnswerLost as error:
            cuts = 1 if so_far() > farthest else cuts + 1
            farthest = max(so_far(), farthest)
            if cuts > CUTS:
                raise later(ctx, error) from error
            ctx.log(f"{error} It goes on where it was.", "warning")
            ctx.wait(min(2.0 ** (cuts - 2), 10.0))
        except (NotReached, TooSlow) as error:
            raise later(ctx, error) from error
        except HttpTrouble as error:
            download.forget()
            raise JobError(str(error)) from error


def later(ctx: Context, error: HttpTrouble, asked: float | None = None) -> Exception:
    """What to raise for an error that may pass: the job waits, longer each time, and fails in the end."""
    attempt = ctx.job.attempt
    if attempt >= ATTEMPTS:
        return JobError(f"{error} It was tried {attempt} times.")
    wait: float = min(FIRST_SECONDS * 2 ** (attempt - 1), LONGEST_SECONDS)
    return ComeBackLater(f"{error} It is tried again by itself.", max(random.uniform(wait / 2, wait), asked or 0))  # noqa: S311 (nothing secret)


def teller(ctx: Context) -> tuple[Callable[[int, int | None], None], Callable[[], int]]:
    """What tells the page how much is there, and what knows it."""
    there = 0

    def tell(size: int, total: int | None) -> None:
        nonlocal there
        there = size
        of = f" of {total / MB:,.1f}" if total else ""
        ctx.progress(size, total, f"{size / MB:,.1f}{of} MB")

    return tell, lambda: there


def keep(ctx: Context, part: Path, name: str, sha256: str | None) -> None:
    """Make the file the job's result, if it is the right one.

    Raises:
        JobError: it is another one.
    """
    whole = hashlib.sha256()
    with part.open("rb") as source, ctx.open_result(name) as result:
        while piece := source.read(PIECE):
            whole.update(piece)
            result.write(piece)
            ctx.check_cancelled()
        if sha256 is not None and whole.hexdigest() != sha256.lower():
            part.unlink()
            raise JobError(
                f"Another file came than the one that was wanted: its SHA-256 is {whole.hexdigest()}. Nothing is kept."
            )
    ctx.log(f"SHA-256 of {name}: {whole.hexdigest()}")


def safe_name(name: str | None) -> str:
    """What a server calls its file, as a name: no folder, nothing invisible, and not too long."""
    last = unicodedata.normalize("NFC", name or "").replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = "".join(each for each in last if unicodedata.category(each)[0] not in "CZ" or each == " ")
    plain = "".join("_" if each in '<>:"|?*' else each for each in seen).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if dot and len(ending) <= LONGEST_ENDING:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return plain[:LONGEST_NAME] or "download"
