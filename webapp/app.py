"""Where the parts are put together. Nothing else does, and nobody imports this but the command line and the tests."""

import importlib
import pkgutil
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from types import ModuleType

from anyio import to_thread
from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.staticfiles import StaticFiles

from webapp import web
from webapp.authoring import load_registry
from webapp.engines.base import DRAIN_SECONDS, Engine
from webapp.engines.choice import choose_engine
from webapp.jobs.control import Control
from webapp.jobs.firing import keep_firing
from webapp.jobs.housekeeping import keep_house
from webapp.jobs.news.deliver import Outgoing, keep_delivering
from webapp.jobs.removal import Removals
from webapp.jobs.schedules import Schedules
from webapp.jobs.submit import Submissions
from webapp.resources import static_folder, version
from webapp.services.databases import Databases
from webapp.settings import Settings
from webapp.store.changes import Changes
from webapp.store.database import Database
from webapp.store.files import Files
from webapp.store.secrets import SecretBox
from webapp.store.uploads import Uploads
from webapp.store.vault import open_vault
from webapp.web import api, errors
from webapp.web.desk import Desk
from webapp.web.live import Hub
from webapp.web.navigation import Place
from webapp.web.security import Security
from webapp.web.uploads import uploads_of


def create_app(settings: Settings) -> FastAPI:
    """The web application, over a database that is migrated already."""
    database = Database(settings.database)
    engine = choose_engine(database, settings)
    desk = open_desk(settings, database, engine)
    outgoing = Outgoing(settings, database, desk.submissions.secrets)
    background = Background(engine, uploads_of(desk), desk.schedules, outgoing, desk.removals)
    app = FastAPI(
        title="Batchdesk",
        version=version(),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=background.life,
    )
    app.state.desk, app.state.background = desk, background
    pages = [module for package in (web, api) for module in _modules(package.__path__, package.__name__)]
    for module in pages:
        if hasattr(module, "router"):
            app.include_router(module.router)
    places: list[Place] = [module.PLACE for module in pages if hasattr(module, "PLACE")]
    app.state.places = sorted(places, key=lambda place: place.order)
    # only what is the same for everybody is compressed: how long a page with secrets gets would tell about them
    app.mount("/static", GZipMiddleware(StaticFiles(directory=static_folder())), name="static")
    errors.install(app)
    app.add_middleware(Security, settings=settings)
    return app


def open_desk(settings: Settings, database: Database, engine: Engine) -> Desk:
    """The parts that pages work with."""
    files = Files(settings.data, open_vault(settings.files), settings.cache)
    registry = load_registry(folders=settings.folders, databases=settings.target_names, settings=settings)
    secrets = SecretBox(settings.data / "secret.key")
    submissions = Submissions(database, files, registry, engine, secrets)
    return Desk(
        settings=settings,
        database=database,
        files=files,
        registry=registry,
        engine=engine,
        hub=Hub(Changes(database)),
        submissions=submissions,
        schedules=Schedules(submissions),
        control=Control(database, engine, registry, submissions),
        removals=Removals(database, files, Databases(settings)),
    )


class Background:
    """What runs beside the pages, from the first request to after the last."""

    def __init__(
        self, engine: Engine, uploads: Uploads, schedules: Schedules, outgoing: Outgoing, removals: Removals
    ) -> None:
        self._engine = engine
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=engine.serve, args=(self._stop, DRAIN_SECONDS), name="engine"),
            threading.Thread(
                target=keep_house,
                args=(uploads, removals, outgoing.settings.keep_days, self._stop),
                name="housekeeping",
            ),
            threading.Thread(target=keep_firing, args=(schedules, self._stop), name="schedules"),
            threading.Thread(target=keep_delivering, args=(outgoing, self._stop), name="news"),
        ]

    @asynccontextmanager
    async def life(self, _app: FastAPI) -> AsyncIterator[None]:
        """The life of the application."""
        self._engine.prepare()
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            await to_thread.run_sync(self.drain)

    def drain(self) -> None:
        """Take no more jobs, let what runs come to a safe place and give it back; wait for that."""
        self._stop.set()
        self._engine.wake()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()


def _modules(path: Iterable[str], package: str) -> list[ModuleType]:
    """The modules of a package, in the order of their names: adding a page is adding a file."""
    modules = sorted(name for _, name, is_package in pkgutil.iter_modules(path) if not is_package)
    return [importlib.import_module(f"{package}.{name}") for name in modules]
