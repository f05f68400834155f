import subprocess
import sys
from pathlib import Path

import pytest

from webapp.authoring import AuthoringError, Registry, UnknownJobType, call, load_job_type, load_registry

ONE = """
from webapp.authoring import job

@job()
def {name}(x: int) -> int:
    return x + {more}
"""


def folder_with(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def load(*folders: Path) -> Registry:
    return load_registry(packages=(), folders=folders)


def test_every_file_of_a_folder_is_loaded_but_those_with_an_underscore(tmp_path: Path) -> None:
    folder_with(tmp_path, b=ONE.format(name="second", more=2), a=ONE.format(name="first", more=1), _c="broken(")
    registry = load(tmp_path)
    assert list(registry) == ["first", "second"]
    assert registry.broken == ()
    assert call(registry["second"], x=1) == 3
    assert [job_type.source for job_type in registry.values()] == [str(tmp_path / "a.py"), str(tmp_path / "b.py")]


def test_files_of_one_name_in_two_folders_do_not_meet(tmp_path: Path) -> None:
    one = folder_with(tmp_path / "one", same=ONE.format(name="first", more=1))
    two = folder_with(tmp_path / "two", same=ONE.format(name="second", more=2))
    registry = load(one, two)
    assert [call(job_type, x=0) for job_type in registry.values()] == [1, 2]


def test_a_file_may_use_its_neighbour_and_what_it_imports_is_not_registered_twice(tmp_path: Path) -> None:
    folder_with(
        tmp_path,
        _shared="ONE = 1\n",
        a=ONE.format(name="first", more=1),
        b="from ._shared import ONE\nfrom .a import first\n" + ONE.format(name="second", more="ONE"),
    )
    registry = load(tmp_path)
    assert (list(registry), registry.broken) == (["first", "second"], ())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = (\n", "bad.py:1 is not valid Python: '(' was never closed"),
        (
            "\nimport no_such_thing\n",
            "bad.py:2 could not be loaded: ModuleNotFoundError: No module named 'no_such_thing'",
        ),
        ("raise SystemExit(3)\n", "bad.py:1 could not be loaded: SystemExit: 3"),
        (
            "from webapp.authoring import job\n@job()\ndef wrong(x): ...\n",
            "parameter 'x' of wrong (bad.py:2) has no type: annotate it, for example x: str",
        ),
    ],
)
def test_a_broken_file_is_recorded_and_the_rest_load(tmp_path: Path, text: str, sentence: str) -> None:
    registry = load(folder_with(tmp_path, bad=text, good=ONE.format(name="good", more=1)))
    assert list(registry) == ["good"]
    (broken,) = registry.broken
    assert (broken.file, broken.error) == (str(tmp_path / "bad.py"), sentence)
    assert broken.traceback.startswith("Traceback")


def test_a_name_given_twice_is_recorded_with_both_files(tmp_path: Path) -> None:
    registry = load(folder_with(tmp_path, a=ONE.format(name="same", more=1), b=ONE.format(name="same", more=2)))
    assert call(registry["same"], x=0) == 1
    (broken,) = registry.broken
    assert broken.file == str(tmp_path / "b.py")
    assert str(tmp_path / "a.py") in broken.error
    assert str(tmp_path / "b.py") in broken.error


def test_an_unknown_name_is_refused_with_those_that_look_alike(tmp_path: Path) -> None:
    registry = load(folder_with(tmp_path, a=ONE.format(name="import_contacts", more=1)))
    with pytest.raises(
        UnknownJobType, match=r"There is no job called 'import_contact'\. Did you mean import_contacts\?"
    ):
        registry.get("import_contact")
    with pytest.raises(UnknownJobType, match=r"^There is no job called 'zzz'\.$"):
        registry["zzz"]


def test_the_modules_of_a_package_are_loaded_under_their_own_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_with(tmp_path / "own_jobs", __init__="", a=ONE.format(name="first", more=1), b="import no_such_thing\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = load_registry(packages=("own_jobs",))
    assert registry["first"].module == "own_jobs.a"
    assert [Path(broken.file).name for broken in registry.broken] == ["b.py"]


def test_another_process_imports_the_same_job_again_by_its_file(tmp_path: Path) -> None:
    registry = load(
        folder_with(tmp_path, _shared="N = 5\n", a="from ._shared import N\n" + ONE.format(name="first", more="N"))
    )
    first = registry["first"]
    code = (
        "from webapp.authoring import call, load_job_type;"
        f"print(call(load_job_type({first.source!r}, {first.module!r}, 'first'), x=1))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("6\n", "")


def test_a_job_that_has_left_its_file_is_said_to_be_gone(tmp_path: Path) -> None:
    first = load(folder_with(tmp_path, a=ONE.format(name="first", more=1)))["first"]
    with pytest.raises(AuthoringError, match=r"a\.py no longer defines a job called other"):
        load_job_type(first.source, first.module, "other")
