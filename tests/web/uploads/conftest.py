"""A server for uploads, or several on one folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.web.uploads.serving import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("desk"), BATCHDESK_MAX_UPLOAD="200000000")
    yield running
    running.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers on one folder, as often as needed."""
    running: list[Server] = []

    def start_one(**settings: str) -> Server:
        running.append(Server(tmp_path, **settings))
        return running[-1]

    yield start_one
    for server in running:
        if server.process.poll() is None:
            server.stop()
