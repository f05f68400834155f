"""A real S3 server over HTTP, in a process of its own."""

import re
import subprocess
import sys
import time
from pathlib import Path

import httpx

PATIENCE_S = 60.0
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "desk", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}


class S3Server:
    """A server without buckets; what it is told it keeps until it is closed."""

    def __init__(self, folder: Path) -> None:
        """Start it. What it says goes into a file in `folder`."""
        said = folder / "s3.log"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        with said.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        self._buckets = 0
        self.url = self._address(said)

    def _address(self, said: Path) -> str:
        deadline = time.monotonic() + PATIENCE_S
        while not (found := re.search(r"Running on (http://\S+:\d+)", said.read_text())):
            assert time.monotonic() < deadline, said.read_text()
            time.sleep(0.02)
        return found[1]

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to speak to it."""
        return {**ENVIRONMENT, "AWS_ENDPOINT_URL": self.url}

    def new_place(self) -> str:
        """The address of a place in an empty bucket."""
        self._buckets += 1
        httpx.put(f"{self.url}/bucket-{self._buckets}", timeout=PATIENCE_S).raise_for_status()
        return f"s3://bucket-{self._buckets}/some/desk"

    def close(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()
