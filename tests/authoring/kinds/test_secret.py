import json

import pytest
from pydantic import BaseModel, Field, SecretStr

from tests.authoring.support import job_taking, only_field, problem, render
from webapp.authoring import AuthoringError, job

CANARY = "canary-7261"


class Server(BaseModel):
    host: str
    password: SecretStr | None = None


@job()
def send(server: Server, token: SecretStr, spare: SecretStr | None = None) -> None:
    """Send something."""


def test_secrets_are_stored_apart_and_come_back() -> None:
    job_type = send.job_type
    params = job_type.validate({"server": {"host": "a", "password": CANARY}, "token": CANARY + "2"})
    assert job_type.dump(params) == {"server": {"host": "a"}, "spare": None}
    assert job_type.secrets(params) == {"server.password": CANARY, "token": CANARY + "2"}
    assert job_type.load(job_type.dump(params), job_type.secrets(params)) == params


def test_a_secret_is_in_no_page_no_dump_no_schema_and_no_text_of_the_parameters() -> None:
    job_type = send.job_type
    raw = {"server": {"host": "a", "password": CANARY}, "token": CANARY}
    params = job_type.validate(raw)
    page = render(job_type.fields(values=raw)) + render(job_type.fields(values=params.__dict__))
    everywhere = page + json.dumps(job_type.dump(params)) + json.dumps(job_type.schema()) + repr(params)
    assert CANARY not in everywhere


def test_a_secret_that_does_not_fit_is_not_repeated_in_the_sentence() -> None:
    job_type = job_taking(SecretStr)
    assert CANARY not in problem(job_type, [CANARY])


def test_the_page_asks_for_it_as_a_password_without_a_value() -> None:
    html = render([only_field(job_taking(SecretStr), CANARY)])
    assert 'type="password"' in html
    assert "value=" not in html.replace('name="params.value"', "")


@pytest.mark.parametrize("default", [SecretStr("hunter2"), Field(default=SecretStr("hunter2"))])
def test_a_secret_in_the_source_is_refused(default: object) -> None:
    with pytest.raises(AuthoringError, match="is a secret with a default"):
        job_taking(SecretStr, default)
