"""The server under test: one process on free ports, with a folder and a lesson of its own."""

import json
import os
import re
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 10


def binary():
    """What `TONGKE` names, else the newest build in cargo's target folder."""
    if named := os.environ.get("TONGKE"):
        return Path(named)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [path for kind in ("release", "debug") if (path := target / kind / "tongke").is_file()]
    if not built:
        raise FileNotFoundError(f"no tongke in {target}: run `cargo build --release` first, or set TONGKE")
    return max(built, key=lambda path: path.stat().st_mtime)


class Server:
    """A demonstration: one teacher, two rooms, and a lesson that runs now."""

    def __init__(self, folder):
        self.log = folder / "server.log"
        self._links = folder / "links.json"
        # Port 0 is any free one. Where the operators' door is, nothing tells, so that port is chosen here.
        ops = f"127.0.0.1:{free_port()}"
        self.ops = f"http://{ops}"
        command = [
            binary(), "serve", "--demo", "--data-dir", folder / "data", "--links-json", self._links,
            "--http", "127.0.0.1:0", "--https", "", "--ops", ops, "--media-port", "0",
        ]  # fmt: skip
        with self.log.open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            self._wait()
        except BaseException:
            # Nobody else will end a server that did not start in time.
            self._process.kill()
            raise
        said = json.loads(self._links.read_text())
        self.base = said["base"].replace("localhost", "127.0.0.1")
        keys = [(link["role"], link["url"].partition("?key=")[2]) for link in said["links"]]
        [self.teacher_key] = [key for role, key in keys if role == "teacher"]
        self.room_keys = [key for role, key in keys if role == "room"]

    def stop(self):
        """Ends the process, and says what its end was: 0 if it went down in order."""
        self._process.terminate()
        try:
            return self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def metrics(self):
        """Every sample of `/metrics`, summed over the labels."""
        with urllib.request.urlopen(f"{self.ops}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        sums = {}
        for name, value in re.findall(r"^(\w+)(?:\{[^}]*\})? (\S+)$", text, re.MULTILINE):
            sums[name] = sums.get(name, 0.0) + float(value)
        return sums

    def _wait(self):
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.ops}/readyz", timeout=1):
                    return
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")


def free_port():
    """A TCP port that is free now."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]
