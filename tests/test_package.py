"""The wheel holds all that a desk needs: it serves from an empty environment, far from any checkout."""

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT))
    (built,) = out.glob("batchdesk-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it; what it depends on is lent by the environment of the tests."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder))
    run(sys.executable, "-m", "pip", "--python", str(folder), "install", "--no-index", "--no-deps", str(wheel))
    (packages,) = folder.glob("lib/python3.*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"))
    return folder


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def committed(*folders: str) -> set[str]:
    """Every file of these folders that belongs to the product."""
    files = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    return {str(path.relative_to(ROOT)) for path in files if path.is_file() and "__pycache__" not in path.parts}


def test_nothing_is_left_behind(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name.removeprefix("webapp/") for name in archive.namelist()}
    code = {name.removeprefix("webapp/") for name in committed("webapp")}
    assert {"store/migrations/env.py", "accounts/common_passwords.txt"} <= code
    assert code | committed("templates", "static") <= held
    assert not any("tests" in name or name.endswith(".sqlite3") for name in held)


@pytest.fixture
def address(installed: Path, tmp_path: Path) -> Iterator[str]:
    """Where `batchdesk serve` of that environment is, started in an empty folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("BATCHDESK_", "PYTHON"))}
    process = subprocess.Popen(
        [installed / "bin" / "batchdesk", "serve"],
        cwd=tmp_path,
        env={**clean, "BATCHDESK_PORT": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    with process.stdout:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "it did not start"
        yield found[0]
        process.terminate()
        assert process.wait(30) == 0


def test_it_serves_from_an_empty_environment(address: str, installed: Path, tmp_path: Path) -> None:
    where = "import webapp, sys; print(webapp.__file__)"
    place = subprocess.run([installed / "bin" / "python", "-c", where], cwd=tmp_path, capture_output=True, check=True)
    assert place.stdout.decode().startswith(str(installed)), "it must not be the checkout"
    assert httpx.get(f"{address}/healthz").text == "ok\n"
    page = httpx.get(f"{address}/sign-in")
    assert (page.status_code, "<h1" in page.text) == (200, True)
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    assert any("app.css" in file for file in files)
    assert any("app.js" in file for file in files)
    assert {httpx.get(address + file).status_code for file in files} == {200}
    assert (tmp_path / "data" / "batchdesk.sqlite3").is_file()
