"""A wrong setting stops the start, is named, and its value is not shown."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from webapp.settings import Settings, SettingsError, load_settings

WRONG = {
    "PORT": ("abc123", "is not a whole number"),
    "WORKERS": ("1000001", "must be at most 64"),
    "QUEUES": ("mail=1,slow=none", "has 'slow=none', which is not a queue's name"),
    "JOB_TYPES": ("/nope", "is not a folder that exists"),
    "ALLOWED_HOSTS": ("swordfish", "number 1 what is not a host, a colon and a port"),
    "DATABASE_URL": ("mysql://root:swordfish@host/desk", "sqlite:///path"),
    "DATA_DATABASE_URL": ("postgresql://root:swordfish@host/rows", "written likewise"),
    "TARGETS": ("crm=mysql://root:swordfish@host/crm", "has for crm the driver mysql"),
    "BASE_URL": ("desk.example/path", "https://desk.example"),
    "MAX_UPLOAD": ("-70", "must be at least 1"),
    "DISK_RESERVE": ("plenty", "is not a whole number"),
    "LEASE_SECONDS": ("0.25", "must be at least 1"),
    "MAIL_SERVER": ("smtp+plain://desk:swordfish@10.0.0.1", "would send mails unencrypted over a network"),
    "MAIL_FROM": ("swordfish", "is not an e-mail address"),
    "MAILS_PER_HOUR": ("none", "is not a whole number"),
    "MAILS_PER_DAY": ("0", "must be at least 1"),
}


def test_without_any_setting_the_desk_is_for_this_machine_alone() -> None:
    settings = load_settings({})
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 8000, Path("data"))


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named_and_its_value_stays_hidden(name: str) -> None:
    value, words = WRONG[name]
    with pytest.raises(SettingsError, match=f"BATCHDESK_{name} ") as caught:
        load_settings({f"BATCHDESK_{name}": value})
    assert words in str(caught.value)
    assert value not in str(caught.value)


def test_all_wrong_settings_are_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({f"BATCHDESK_{name}": value for name, (value, _) in WRONG.items()})
    sentences = str(caught.value).splitlines()
    assert {sentence.split()[0].removeprefix("BATCHDESK_") for sentence in sentences} == set(WRONG)


def test_a_mail_server_needs_an_address_to_send_from() -> None:
    with pytest.raises(SettingsError, match="BATCHDESK_MAIL_FROM is needed with BATCHDESK_MAIL_SERVER"):
        load_settings({"BATCHDESK_MAIL_SERVER": "smtp://desk:swordfish@mail.example"})


@pytest.mark.parametrize("name", ["BATCHDESK_WORKRES", "BATCHDESK_", "batchdesk_port"])
def test_an_unknown_setting_is_refused_by_name_beside_the_known_ones(name: str) -> None:
    with pytest.raises(SettingsError, match=f"Unknown setting {name}\\.") as caught:
        load_settings({name: "swordfish", "BATCHDESK_PORT": "9000"})
    assert "BATCHDESK_WORKERS" in str(caught.value)
    assert "swordfish" not in str(caught.value)


def test_a_blank_setting_is_as_good_as_none() -> None:
    blank = {f"BATCHDESK_{name.upper()}": "" for name in Settings.model_fields}
    assert load_settings(blank) == load_settings({})


def test_the_environments_other_variables_are_none_of_our_business() -> None:
    assert load_settings({"PORT": "abc", "DATA": "/nope", "PATH": "/bin"}) == load_settings({})


def test_a_folder_of_job_types_is_kept_as_a_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_settings({"BATCHDESK_JOB_TYPES": "mine"}).job_types == tmp_path / "mine"


def test_databases_lie_in_the_data_folder_unless_said_otherwise(tmp_path: Path) -> None:
    settings = load_settings({"BATCHDESK_DATA": str(tmp_path)})
    assert settings.database == f"sqlite:///{tmp_path}/batchdesk.sqlite3"
    assert settings.data_database == f"sqlite:///{tmp_path}/data.sqlite3"
    assert load_settings({"BATCHDESK_DATABASE_URL": "sqlite:////srv/desk"}).database == "sqlite:////srv/desk"


def test_rows_go_into_the_desks_own_postgresql_in_a_schema_of_their_own() -> None:
    settings = load_settings(
        {"BATCHDESK_DATABASE_URL": "postgresql+psycopg://me:sword%40fish@host/desk?sslmode=require"}
    )
    assert settings.database == "postgresql+psycopg://me:sword%40fish@host/desk?sslmode=require"
    data = make_url(settings.data_database)
    assert (data.password, data.database) == ("sword@fish", "desk")
    assert data.query == {"sslmode": "require", "options": "-c search_path=batchdesk_data"}


def test_rows_may_go_into_another_database() -> None:
    elsewhere = load_settings(
        {
            "BATCHDESK_DATABASE_URL": "postgresql+psycopg://host/desk",
            "BATCHDESK_DATA_DATABASE_URL": "postgresql+psycopg://host/rows?options=-csearch_path%3Dpublic",
        }
    )
    assert make_url(elsewhere.data_database).query == {"options": "-csearch_path=public"}
    assert load_settings({"BATCHDESK_DATA_DATABASE_URL": "sqlite:////srv/rows"}).data_database == "sqlite:////srv/rows"


@pytest.mark.parametrize(("url", "https"), [("https://desk.example", True), ("http://desk:8000", False), (None, False)])
def test_people_come_over_https_if_the_base_url_says_so(url: str | None, *, https: bool) -> None:
    assert Settings(base_url=url).https is https


def test_limits_of_queues_are_numbers_by_name() -> None:
    assert load_settings({"BATCHDESK_QUEUES": "mail=1, slow=20"}).queues == {"mail": 1, "slow": 20}


@pytest.mark.parametrize("entry", ["slow", "slow=0", "slow=-1", "slow=two", "=2", "Slow=2", "slow=2=3", "", "slow=1.5"])
def test_a_wrong_limit_of_a_queue_is_named(entry: str) -> None:
    with pytest.raises(SettingsError, match=f"BATCHDESK_QUEUES has {entry!r}, "):
        load_settings({"BATCHDESK_QUEUES": f"mail=1,{entry},last=3"})


def test_a_queue_named_twice_is_refused() -> None:
    with pytest.raises(SettingsError, match="BATCHDESK_QUEUES names the queue mail twice"):
        load_settings({"BATCHDESK_QUEUES": "mail=1,mail=2"})
