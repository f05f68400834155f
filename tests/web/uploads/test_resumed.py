"""Uploads by tus 1.0.0 that go on: after a lost connection, and after a kill."""

import signal
from collections.abc import Callable

import pytest

from tests.web.uploads.serving import (
    CONTENT,
    MB,
    Server,
    create,
    eventually,
    offset_of,
    part_of,
    patch_head,
    path_of,
    send,
)


def test_a_connection_that_breaks_is_resumed(server: Server) -> None:
    address = create(server.ada, len(CONTENT))
    with server.connect(patch_head(address, f"Content-Length: {len(CONTENT)}")) as connection:
        connection.sendall(CONTENT[:1_500_000])
    eventually(lambda: offset_of(server.ada, address) == 1_500_000)

    send(server.ada, address, 1_500_000, CONTENT[1_500_000:])

    assert path_of(server, address).read_bytes() == CONTENT


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_is_killed_goes_on_after_its_restart(start: Callable[..., Server], how: signal.Signals) -> None:
    server = start()
    address = create(server.ada, len(CONTENT))
    with server.connect(patch_head(address, f"Content-Length: {len(CONTENT)}")) as connection:
        connection.sendall(CONTENT[:2_500_000])
        eventually(lambda: part_of(server, address).stat().st_size >= MB)
        server.stop(how)
    server = start()

    offset = offset_of(server.ada, address)
    assert MB <= offset <= 2_500_000
    send(server.ada, address, offset, CONTENT[offset:])

    assert path_of(server, address).read_bytes() == CONTENT


def test_a_file_that_was_whole_at_the_crash_is_completed_by_asking(start: Callable[..., Server]) -> None:
    server = start()
    address = create(server.ada, len(CONTENT))
    server.stop(signal.SIGKILL)
    part_of(server, address).write_bytes(CONTENT)  # the last byte came, nothing after it was done
    server = start()

    assert offset_of(server.ada, address) == len(CONTENT)

    assert path_of(server, address).read_bytes() == CONTENT
