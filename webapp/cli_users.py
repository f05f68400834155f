"""The command line's part on people: the same use-cases as the page on users has."""

import sys
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from webapp.cli_open import open_database
from webapp.errors import BadInput
from webapp.settings import load_settings
from webapp.store.database import Database
from webapp.store.tables import Role, User

user_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="People who may sign in.")

Name = Annotated[str, typer.Argument(help="What they sign in with.")]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from the input.")]
LINK: Final = "Send {name} this link. It is good for one use within 24 hours:\n  {url}/welcome?link={secret}"


@user_app.command("list")
def list_() -> None:
    """Say who may sign in."""
    from webapp.accounts import list_users  # noqa: PLC0415

    lines = [["NAME", "ROLE", "STATE", "LAST SIGN-IN"]]
    for person in list_users(_database()):
        user = person.user
        last = user.signed_in_at.isoformat(" ", "minutes") if user.signed_in_at else "never"
        lines.append([user.name, user.role, _state(user), last])
    typer.echo("\n".join(_aligned(lines)))


@user_app.command("add")
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.operator,
    password_stdin: FromInput = False,  # noqa: FBT002
) -> None:
    """Add somebody who may sign in."""
    from webapp.accounts import add_user  # noqa: PLC0415

    database = _database()
    password = _read_password() if password_stdin else _ask_password()
    add_user(database, name, role, password)
    typer.echo(f"{name} may sign in as {role.value}.")


@user_app.command("password")
def password_(name: Name, password_stdin: FromInput = False) -> None:  # noqa: FBT002
    """Give somebody a new password, and sign them out everywhere."""
    from webapp.accounts import set_password_of  # noqa: PLC0415

    database = _database()
    set_password_of(database, name, _read_password() if password_stdin else _ask_password())
    typer.echo(f"{name} has a new password.")


@user_app.command("link")
def link(name: Name) -> None:
    """Print a link by which somebody chooses a password, once."""
    from webapp.accounts import new_link, user_id_of  # noqa: PLC0415

    settings, database = load_settings(), _database()
    secret = new_link(database, user_id_of(database, name))
    typer.echo(
        LINK.format(name=name, url=settings.base_url or f"http://{settings.host}:{settings.port}", secret=secret)
    )


@user_app.command("role")
def role_(name: Name, role: Annotated[Role, typer.Argument(help="What they may do from now on.")]) -> None:
    """Let somebody do more or less."""
    from webapp.accounts import set_role, user_id_of  # noqa: PLC0415

    database = _database()
    set_role(database, user_id_of(database, name), role)
    typer.echo(f"The role of {name} is {role.value}.")


@user_app.command("disable")
def disable_(name: Name) -> None:
    """Let somebody in no more; what they did stays."""
    from webapp.accounts import disable, user_id_of  # noqa: PLC0415

    database = _database()
    disable(database, user_id_of(database, name))
    typer.echo(f"{name} is disabled and signed out.")


@user_app.command("enable")
def enable_(name: Name) -> None:
    """Let somebody in again."""
    from webapp.accounts import enable, user_id_of  # noqa: PLC0415

    database = _database()
    enable(database, user_id_of(database, name))
    typer.echo(f"{name} may sign in again.")


@user_app.command("signout")
def sign_out(name: Name) -> None:
    """Sign somebody out everywhere."""
    from webapp.accounts import close_sessions, user_id_of  # noqa: PLC0415

    database = _database()
    close_sessions(database, user_id_of(database, name))
    typer.echo(f"{name} is signed out everywhere.")


def _database() -> Database:
    return open_database(load_settings())


def _state(user: User) -> str:
    if not user.active:
        return "disabled"
    return "may sign in" if user.password_hash else "has no password yet"


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _read_password() -> str:
    try:
        return sys.stdin.buffer.read().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadInput({"password": "The password must be UTF-8 text."}) from None


def _ask_password() -> str:
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
