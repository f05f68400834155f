"""Uploads by tus 1.0.0 against a real server: raw sockets where a well-behaved client would hide the point."""

import base64
import os
import threading
import time
from contextlib import suppress
from typing import Any

import pytest

from tests.web.uploads.serving import (
    CONTENT,
    MB,
    TUS,
    Server,
    answer,
    create,
    offset_of,
    part_of,
    patch_head,
    path_of,
    send,
)


def test_the_server_says_what_it_can(server: Server) -> None:
    response = server.ada.options("/uploads")

    assert response.status_code == 204
    assert response.headers["Tus-Version"] == "1.0.0"
    assert response.headers["Tus-Extension"] == "creation,termination,expiration"
    assert response.headers["Tus-Max-Size"] == "200000000"
    assert response.headers["Tus-Resumable"] == "1.0.0"


def test_a_file_comes_in_one_go(server: Server) -> None:
    address = create(server.ada, len(CONTENT))

    response = send(server.ada, address, 0, CONTENT)

    assert response.status_code == 204
    assert response.headers["Upload-Offset"] == str(len(CONTENT))
    assert path_of(server, address).read_bytes() == CONTENT
    assert not part_of(server, address).exists()
    assert offset_of(server.ada, address) == len(CONTENT)


def test_a_file_comes_in_pieces(server: Server) -> None:
    address = create(server.ada, len(CONTENT))
    for start in range(0, len(CONTENT), 700_001):
        assert offset_of(server.ada, address) == start
        response = send(server.ada, address, start, CONTENT[start : start + 700_001])
        assert response.status_code == 204
        assert "GMT" in response.headers["Upload-Expires"]

    assert path_of(server, address).read_bytes() == CONTENT


def test_the_name_is_told_back_without_its_folders(server: Server) -> None:
    address = create(server.ada, 1, "../../Zoë <b>.csv")

    metadata = server.ada.head(address, headers=TUS).headers["Upload-Metadata"]

    assert base64.b64decode(metadata.removeprefix("filename ")).decode() == "Zoë <b>.csv"
    assert [path.name for path in server.paths() if "csv" in path.name] == []


def test_an_empty_file_is_complete_at_once(server: Server) -> None:
    address = create(server.ada, 0)

    assert path_of(server, address).read_bytes() == b""


def test_bytes_at_another_offset_are_refused(server: Server) -> None:
    address = create(server.ada, 10)
    assert send(server.ada, address, 0, b"12345").status_code == 204

    for offset in (0, 4, 6, 10):
        assert send(server.ada, address, offset, b"X").status_code == 409

    assert part_of(server, address).read_bytes() == b"12345"


@pytest.mark.parametrize("chunked", [True, False])
def test_more_bytes_than_declared_are_never_stored(server: Server, chunked: bool) -> None:  # noqa: FBT001
    address = create(server.ada, 10)
    data: Any = (b"x" for _ in range(11)) if chunked else b"x" * 11

    assert send(server.ada, address, 0, data).status_code == 413

    assert part_of(server, address).stat().st_size == 0
    assert offset_of(server.ada, address) == 0


def test_bytes_after_the_declared_body_are_no_part_of_it(server: Server) -> None:
    address = create(server.ada, 10)

    with server.connect(patch_head(address, "Content-Length: 10")) as connection:
        connection.sendall(b"0123456789" + b"x" * MB)
        answer(connection)

    stored = offset_of(server.ada, address)  # the rest is no request: the connection may end before the body is read
    path = path_of(server, address) if stored == 10 else part_of(server, address)
    assert path.read_bytes() == b"0123456789"[:stored]


def test_a_silent_body_ends_and_what_came_is_kept(server: Server) -> None:
    address = create(server.ada, 5_000_000)

    with server.connect(patch_head(address, "Content-Length: 5000000")) as connection:
        connection.sendall(b"0123456789")
        assert " 408 " in answer(connection)

    assert offset_of(server.ada, address) == 10


def test_an_endless_body_is_cut_at_the_declared_size(server: Server) -> None:
    address = create(server.ada, 2 * MB)
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"

    with server.connect(patch_head(address, "Transfer-Encoding: chunked")) as connection:
        sent = 0
        with suppress(ConnectionError):
            while sent < 100 * MB:
                connection.sendall(chunk)
                sent += len(chunk)

    assert sent < 20 * MB
    assert part_of(server, address).stat().st_size <= 2 * MB


def test_a_removed_upload_is_gone(server: Server) -> None:
    address = create(server.ada, 10)
    send(server.ada, address, 0, b"12345")

    assert server.ada.delete(address, headers=TUS).status_code == 204

    assert server.ada.head(address, headers=TUS).status_code == 404
    assert send(server.ada, address, 5, b"6").status_code == 404
    assert not part_of(server, address).exists()


def test_memory_stays_flat_and_pages_stay_quick_while_large_files_come(server: Server) -> None:
    size, senders = 128 * MB, 2
    addresses = [create(server.ada, size) for _ in range(senders)]
    before = server.memory()
    block = os.urandom(MB)

    def upload(address: str) -> None:
        with server.client(server.cookie) as client:
            body: Any = (block for _ in range(size // MB))
            assert send(client, address, 0, body, **{"Content-Length": str(size)}).status_code == 204

    threads = [threading.Thread(target=upload, args=[address]) for address in addresses]
    for thread in threads:
        thread.start()
    waits = []
    while any(thread.is_alive() for thread in threads):
        began = time.monotonic()
        server.bob.options("/uploads").raise_for_status()
        waits.append(time.monotonic() - began)
    for thread in threads:
        thread.join()

    assert [path_of(server, address).stat().st_size for address in addresses] == [size] * senders
    assert server.memory() - before < 40 * MB
    assert sorted(waits)[len(waits) // 2] < 0.5
    for address in addresses:
        path_of(server, address).unlink()
