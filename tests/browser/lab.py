"""JupyterLab in a process of its own, with settings, progress and notebooks in a temporary folder."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from course_lib.settings import ROOT, load_settings

START_SECONDS = 120
STOP_SECONDS = 30
# Every output is drawn at once, as if the learner had scrolled through all of them; nothing asks for news.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none", "maxNumberOutputs": 1000},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
}


class Lab:
    """A running JupyterLab."""

    def __init__(self, folder: Path):
        self.notebooks, self.cache, self.log = folder / "notebooks", folder / "cache", folder / "lab.log"
        self.notebooks.mkdir()
        _link_models(self.cache)
        _write_settings(folder / "settings")
        self.port, self.token = _free_port(), secrets.token_hex(16)
        self.origin = f"http://127.0.0.1:{self.port}"
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(
                self._command(), cwd=self.notebooks, env=self._environment(folder), stdout=log, stderr=log
            )
        self._wait()

    def _command(self) -> list[str]:
        flags = [
            "--no-browser",
            "--allow-root",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self.notebooks}",
            f"--IdentityProvider.token={self.token}",
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.extension_manager=readonly",
        ]
        return [sys.executable, "-m", "jupyterlab", *flags]

    def _environment(self, folder: Path) -> dict[str, str]:
        own = {
            "COURSE_CACHE": self.cache,
            "IPYTHONDIR": folder / "ipython",
            "JUPYTER_CONFIG_DIR": folder / "config",
            "JUPYTER_RUNTIME_DIR": folder / "runtime",
            "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
            "PYTHONPATH": ROOT,
        }
        return os.environ | {name: str(value) for name, value in own.items()}

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self._ask("GET", "api").close()
                return
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                time.sleep(0.3)
        self.stop()
        said = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"JupyterLab did not start within {START_SECONDS} seconds. It said:\n{said}")

    def address(self, notebook: str) -> str:
        """Return the address that opens a notebook in a fresh workspace."""
        return f"{self.origin}/lab/workspaces/{Path(notebook).stem}/tree/{notebook}?token={self.token}&reset"

    def end_kernels(self) -> None:
        """End every kernel, so that the memory of one test is free for the next."""
        with self._ask("GET", "api/sessions") as reply:
            sessions = json.load(reply)
        for session in sessions:
            self._ask("DELETE", f"api/sessions/{session['id']}").close()

    def _ask(self, method: str, path: str) -> http.client.HTTPResponse:
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.origin}/{path}", method=method, headers=headers)
        return urllib.request.urlopen(request, timeout=STOP_SECONDS)

    def stop(self) -> None:
        """End JupyterLab, which ends its kernels."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _link_models(cache: Path) -> None:
    """Make a cache that shares the prepared models with the real one, but not the learner's progress."""
    cache.mkdir()
    real = load_settings().cache
    for path in real.iterdir() if real.is_dir() else ():
        if path.is_dir():
            (cache / path.name).symlink_to(path.resolve(), target_is_directory=True)


def _write_settings(folder: Path) -> None:
    for name, values in SETTINGS.items():
        path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
