"""The databases that the administrator names: nonsense is refused at the start, and no address is ever shown."""

from pathlib import Path

import pytest

from webapp.authoring import JobError
from webapp.services.targets.setting import Target
from webapp.settings import Settings, SettingsError, load_settings

PG = "postgresql+psycopg://desk:swordfish@db.example/crm"

NONSENSE = {
    "crm": "has as number 1 what is not a name, =, and a database's address",
    "=sqlite:////a": "has as number 1",
    f"crm={PG},stock": "has after crm what is not a name, =, and",
    f"crm={PG}, CRM=sqlite:////a": "names CRM twice",
    "crm=mysql+pymysql://root:swordfish@host/crm": "has for crm the driver mysql+pymysql: there are sqlite and",
    "crm=postgresql://root:swordfish@host/crm": "has for crm the driver postgresql",
    "crm=postgresql+psycopg://desk:swordfish@db.example": "names no database",
    "crm=postgresql+psycopg://desk:swordfish@db.example:port/crm": "has for crm no address",
    "crm=sqlite://": "names no database",
    "crm=sqlite:///here.db": "has for crm a path that does not begin at the root",
    "crm=sqlite:///:memory:": "more than a file's path",
    "crm=sqlite:///file:/a?mode=ro&uri=true": "more than a file's path",
    "crm=sqlite:////a?vfs=unix-none": "more than a file's path",
    "crm=sqlite:////a?schema=main": "SQLite has no schemas",
    f"crm={PG}?tables=&connect_timeout=3": "has nothing behind schema= or tables= for crm",
    f"crm={PG}?tables=": "has nothing behind",
    f"crm={PG}?tables=,": "has for crm no table in tables=",
    f"crm={PG}?schema=a&schema=b": "has schema= for crm more than once",
    "a/b=sqlite:////a": "has as number 1",
    f"{'x' * 61}=sqlite:////a": "has as number 1",
}


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_refused_at_the_start_in_words_without_the_address(text: str) -> None:
    with pytest.raises(SettingsError, match="BATCHDESK_TARGETS ") as refusal:
        load_settings({"BATCHDESK_TARGETS": text})
    assert NONSENSE[text] in str(refusal.value)
    assert "swordfish" not in str(refusal.value)


def test_several_are_told_apart_whatever_commas_their_addresses_have(tmp_path: Path) -> None:
    text = f"Our CRM={PG}?schema=sales&tables=customers,orders,\n stock=sqlite:////srv/stock.db?tables=goods"
    targets = Settings(data=tmp_path, targets=text).targets
    assert targets == {
        "Our CRM": Target("Our CRM", PG, "sales", frozenset({"customers", "orders"})),
        "stock": Target("stock", "sqlite:////srv/stock.db", None, frozenset({"goods"})),
    }
    assert "swordfish" not in repr(targets)


@pytest.mark.parametrize(
    ("own", "target"),
    [
        ({}, "sqlite:///{folder}/batchdesk.sqlite3"),
        ({}, "sqlite:///{folder}/../{name}/data.sqlite3"),
        ({"BATCHDESK_DATABASE_URL": PG}, f"{PG}?sslmode=require"),
        ({"BATCHDESK_DATABASE_URL": PG}, f"{PG}?schema=public"),
        ({"BATCHDESK_DATABASE_URL": PG}, f"{PG}?schema=batchdesk_data"),
        ({"BATCHDESK_DATA_DATABASE_URL": "sqlite:////srv/rows.db"}, "sqlite:////srv/x/../rows.db"),
    ],
)
def test_the_desks_own_databases_are_none_of_them(tmp_path: Path, own: dict[str, str], target: str) -> None:
    asked = {"BATCHDESK_DATA": str(tmp_path), **own}
    address = target.format(folder=tmp_path, name=tmp_path.name)
    with pytest.raises(SettingsError, match="names mine, which is the desk's own"):
        load_settings({**asked, "BATCHDESK_TARGETS": f"mine={address}"})
    load_settings({**asked, "BATCHDESK_TARGETS": f"other={PG}?schema=other"})


def test_a_table_of_sqlite_is_allowed_in_whatever_letters_it_is_named() -> None:
    orders = frozenset({"Orders"})
    Target("crm", "sqlite:////t.db", tables=orders).require_allowed("orders")
    with pytest.raises(JobError):
        Target("crm", "sqlite:////t.db", tables=orders).require_allowed("order")
    with pytest.raises(JobError):
        Target("crm", "postgresql+psycopg://h/d", tables=orders).require_allowed("orders")
