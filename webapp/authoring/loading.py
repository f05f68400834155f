"""Finding job types: in packages, and in folders of the user's own."""

import hashlib
import importlib
import pkgutil
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType

from webapp.authoring.errors import AuthoringError
from webapp.authoring.job_type import JobType
from webapp.authoring.registry import BrokenModule, Registry
from webapp.authoring.words import call_job


@dataclass(frozen=True, slots=True)
class _Found:
    """A module that is to be imported."""

    name: str
    file: str


def load_registry(
    packages: Sequence[str] = ("webapp.job_types",),
    folders: Sequence[Path] = (),
    databases: Sequence[str] = (),
    settings: object = None,
) -> Registry:
    """Import every module of the packages and every `*.py` of the folders that does not begin with `_`.

    A file that cannot be loaded, or that gives a name a second time, is recorded as broken; the rest load. Jobs that
    choose a database are offered those of these names. With the `settings` of a desk, parameters are refused for which
    it lacks something.
    """
    found: dict[str, JobType] = {}
    broken: list[BrokenModule] = []
    for module in (*_in_packages(packages), *_in_folders(folders)):
        try:
            _add(found, _job_types(importlib.import_module(module.name)))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - an author's file may raise anything
            broken.append(BrokenModule(module.file, _sentence(error, module.file), traceback.format_exc()))
    job_types = {name: job_type.offering(databases, settings) for name, job_type in sorted(found.items())}
    for name, job_type in job_types.items():
        call_job(name, job_type.title)
    return Registry(MappingProxyType(job_types), tuple(broken))


def load_job_type(source: str, module: str, name: str) -> JobType:
    """Import one job type again, in another process, by what its JobType says: source, module and name.

    Raises:
        AuthoringError: The file no longer defines it.
        Exception: Whatever importing the file raises.
    """
    if module.startswith(_PREFIX):
        _folder_package(Path(source).parent)
    for job_type in _job_types(importlib.import_module(module)):
        if job_type.name == name:
            return job_type
    raise AuthoringError(f"{Path(source).name} no longer defines a job called {name}")


_PREFIX = "batchdesk_folder_"


def _in_packages(packages: Sequence[str]) -> Iterator[_Found]:
    for package in packages:
        paths = importlib.import_module(package).__path__
        for entry in sorted(pkgutil.iter_modules(paths), key=lambda entry: entry.name):
            if not entry.name.startswith("_"):
                yield _Found(f"{package}.{entry.name}", str(Path(paths[0]) / f"{entry.name}.py"))


def _in_folders(folders: Sequence[Path]) -> Iterator[_Found]:
    for folder in folders:
        package = _folder_package(folder)
        for file in sorted(folder.glob("[!_]*.py")):
            yield _Found(f"{package}.{file.stem}", str(file))


def _folder_package(folder: Path) -> str:
    """Make a folder a package under a name of its own, so that its files may import one another."""
    name = _PREFIX + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    if name not in sys.modules:
        package = ModuleType(name)
        package.__path__ = [str(folder.resolve())]
        sys.modules[name] = package
    importlib.invalidate_caches()
    return name


def _job_types(module: ModuleType) -> list[JobType]:
    """The job types a module defines itself, in its order."""
    found = (getattr(item, "job_type", None) for item in vars(module).values())
    own = (item for item in found if isinstance(item, JobType) and item.module == module.__name__)
    return list(dict.fromkeys(own))


def _add(found: dict[str, JobType], new: list[JobType]) -> None:
    names = dict(found)
    for job_type in new:
        if job_type.name in names:
            raise AuthoringError(
                f"the job {job_type.name} is defined twice: in {names[job_type.name].source} and in "
                f'{job_type.source}; rename one, or give it another name by @job(name="...")'
            )
        names[job_type.name] = job_type
    found.update(names)


def _sentence(error: BaseException, file: str) -> str:
    if isinstance(error, AuthoringError):
        return str(error)
    if isinstance(error, SyntaxError) and error.lineno:
        return f"{Path(error.filename or file).name}:{error.lineno} is not valid Python: {error.msg}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    where = f"{Path(file).name}:{lines[-1]}" if lines else Path(file).name
    return f"{where} could not be loaded: {type(error).__name__}: {error}"
