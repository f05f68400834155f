"""Ports that a server of a test still gets when it is started again."""

import random
import socket

KEPT = range(10_000, 32_000)  # below those that Linux lends to whoever opens a connection, as soon as they are free


def lasting_port() -> int:
    """A port on which nobody listens, and that no connection is given while its server is down."""
    for port in random.SystemRandom().sample(KEPT, 100):
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("a hundred ports are taken")
