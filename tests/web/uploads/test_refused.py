"""Uploads by tus 1.0.0 that are refused: too large, of somebody else’s, or not meant."""

from collections.abc import Callable

import pytest

from tests.web.uploads.serving import MB, TUS, Server, answer, create, offset_of, part_of, patch_head, send


def test_what_is_too_large_is_refused_in_words(server: Server) -> None:
    response = server.ada.post("/uploads", headers={**TUS, "Upload-Length": "200000001"})

    assert (response.status_code, response.text) == (413, "This file is too large: the desk accepts up to 200.0 MB.")


def test_a_disk_without_room_is_said_before_the_body(start: Callable[..., Server]) -> None:
    roomy = start()
    address = create(roomy.ada, 100)
    roomy.stop()
    full = start(BATCHDESK_DISK_RESERVE=str(1 << 60))

    response = full.ada.post("/uploads", headers={**TUS, "Upload-Length": "1"})
    assert response.status_code == 507
    assert response.text.startswith("The desk's disk is too full")

    with full.connect(patch_head(address, "Content-Length: 100")) as connection:
        assert " 507 " in answer(connection)


def test_an_upload_of_somebody_else_is_not_there(server: Server) -> None:
    address = create(server.ada, 10)

    assert server.bob.head(address, headers=TUS).status_code == 404
    assert send(server.bob, address, 0, b"x").status_code == 404
    assert server.bob.delete(address, headers=TUS).status_code == 404
    assert part_of(server, address).stat().st_size == 0


def test_without_signing_in_the_body_is_not_read(server: Server) -> None:
    address = create(server.ada, 10 * MB)
    cookie, server.cookie = server.cookie, "made-up"
    try:
        with server.connect(patch_head(address, "Content-Length: 10000000")) as connection:
            assert " 401 " in answer(connection)
    finally:
        server.cookie = cookie

    assert offset_of(server.ada, address) == 0


def test_another_sites_page_cannot_upload(server: Server) -> None:
    response = server.ada.post("/uploads", headers={**TUS, "Upload-Length": "1", "Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "1"}, 412),
        ({"Tus-Resumable": "0.2.2", "Upload-Length": "1"}, 412),
        (TUS, 400),
        ({**TUS, "Upload-Length": "-1"}, 400),
        ({**TUS, "Upload-Length": "1.5"}, 400),
        ({**TUS, "Upload-Length": "9" * 40}, 400),
        ({**TUS, "Upload-Defer-Length": "1"}, 400),
        ({**TUS, "Upload-Length": "1", "Upload-Metadata": "filename ???"}, 400),
        ({**TUS, "Upload-Length": "1", "Upload-Metadata": "filename /w=="}, 400),
    ],
)
def test_a_creation_that_cannot_be_meant_is_refused(server: Server, headers: dict[str, str], status: int) -> None:
    before = server.paths()

    assert server.ada.post("/uploads", headers=headers).status_code == status

    assert server.paths() == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Content-Type": "text/csv"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Upload-Offset": "x"}, 400),
        ({"Upload-Offset": "-1"}, 400),
        ({"X-HTTP-Method-Override": "DELETE"}, 405),
    ],
)
def test_a_piece_that_cannot_be_meant_is_refused(server: Server, headers: dict[str, str], status: int) -> None:
    address = create(server.ada, 10)

    assert send(server.ada, address, 0, b"x", **headers).status_code == status

    assert offset_of(server.ada, address) == 0


def test_only_so_many_uploads_are_unfinished_at_once(start: Callable[..., Server]) -> None:
    server = start()
    for _ in range(20):
        create(server.ada, 10)

    response = server.ada.post("/uploads", headers={**TUS, "Upload-Length": "10"})

    assert response.status_code == 429
    assert response.text.startswith("20 of your uploads are unfinished.")
    create(server.bob, 10)


def test_a_length_that_is_said_twice_is_refused(server: Server) -> None:
    address = create(server.ada, 10)
    both = patch_head(address, "Content-Length: 10", "Transfer-Encoding: chunked")

    with server.connect(both) as connection:
        connection.sendall(b"5\r\nabcde\r\n0\r\n\r\n")
        assert " 400 " in answer(connection)

    assert offset_of(server.ada, address) == 0
