"""What goes wrong on laptops in a workshop, one check for each; none needs a network or more than a second."""

from __future__ import annotations

import locale
import os
import socket
import struct
import sys
import time
from pathlib import Path

from course_lib.environment import Check, existing_folder
from course_lib.settings import Settings

JUPYTER_PORT = 8888
LONGEST_BELOW = 190  # characters of the longest path that installing adds below the course's folder
WINDOWS_LIMIT = 259
SYNCED = ("onedrive", "dropbox", "google drive", "icloud", "mobile documents")
_DAY = 86_400


def check_interpreter(
    bits: int = 8 * struct.calcsize("P"), prefix: str = sys.prefix, base: str = sys.base_prefix
) -> Check:
    """Check that this is a 64-bit Python of an environment of its own."""
    if bits < 64:
        return Check("environment", False, f"{bits}-bit Python", "Install the 64-bit Python.")
    if prefix == base and "CONDA_PREFIX" not in os.environ:
        remedy = "Use the one that `make course` made: .venv/bin/python, or .venv\\Scripts\\python on Windows."
        return Check("environment", None, "this Python is shared with the whole machine", remedy)
    return Check("environment", True, prefix)


def check_progress(settings: Settings) -> Check:
    """Check that progress can be kept: the file, or the folder that it will be made in, can be written."""
    path = settings.cache / "progress.json"
    place = path if path.exists() else existing_folder(settings.cache)
    if os.access(place, os.W_OK):
        return Check("progress", True, "can be kept")
    return Check("progress", False, f"{place} cannot be written", "Mend its rights, or set COURSE_CACHE.")


def check_port(port: int = JUPYTER_PORT) -> Check:
    """Check that Jupyter can open a port on this machine."""
    try:
        with socket.create_server(("127.0.0.1", 0)):
            pass
    except OSError as error:
        remedy = "Allow Python to accept connections from this computer in the firewall."
        return Check("port", False, f"no local port can be opened ({error.strerror})", remedy)
    with socket.socket() as probe:
        probe.settimeout(0.2)
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    if taken:
        remedy = "Fine if it is your JupyterLab. Else a new one takes the next port: use the address that it prints."
        return Check("port", None, f"{port} is in use", remedy)
    return Check("port", True, f"{port} is free")


def check_kernel(executable: str = sys.executable) -> Check:
    """Check that a notebook's kernel is this very Python."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Check("kernel", False, "Jupyter has no Python kernel", "Run `python -m ipykernel install --sys-prefix`.")
    command = spec.argv[0]
    if Path(command).name == command or os.path.samefile(_real(command), _real(executable)):
        return Check("kernel", True, spec.display_name)
    remedy = "Notebooks would run without the course's packages. Run `python -m ipykernel install --sys-prefix`."
    return Check("kernel", False, f"is another Python: {command}", remedy)


def _real(path: str) -> str:
    """Return a path that exists, so that two of them can be compared."""
    return path if os.path.exists(path) else os.devnull


def check_clock(newest: float, now: float | None = None) -> Check:
    """Check that the clock is not behind the course's own files; a wrong clock breaks downloads and logs.

    Args:
        newest: when the newest of the course's files was changed, in seconds since 1970.
        now: the clock; read if None.
    """
    now = time.time() if now is None else now
    if now < newest - _DAY:
        remedy = "Set date and time to automatic in the system settings."
        return Check("clock", False, f"{time.strftime('%Y-%m-%d', time.localtime(now))} is before these files", remedy)
    return Check("clock", True, time.strftime("%Y-%m-%d %H:%M", time.localtime(now)))


def check_encoding(preferred: str = "", filesystem: str = "", printed: str | None = None) -> Check:
    """Check that text outside plain English letters survives files, file names and the terminal."""
    names = {
        "files": preferred or locale.getpreferredencoding(False),
        "file names": filesystem or sys.getfilesystemencoding(),
        "terminal": printed if printed is not None else (getattr(sys.stdout, "encoding", None) or "utf-8"),
    }
    odd = [
        f"{what}: {name}" for what, name in names.items() if name.lower().replace("-", "") not in ("utf8", "utf8sig")
    ]
    if odd:
        return Check("encoding", None, ", ".join(odd), "Set the environment variable PYTHONUTF8 to 1.")
    return Check("encoding", True, "UTF-8")


def check_path(root: Path, system: str = sys.platform) -> Check:
    """Check that the course's folder has a name and a place that make no trouble."""
    text = str(root)
    if system == "win32" and len(text) + LONGEST_BELOW > WINDOWS_LIMIT:
        remedy = (
            f"Move the folder to a short path, such as C:\\course (at most {WINDOWS_LIMIT - LONGEST_BELOW} characters)."
        )
        return Check("folder", False, f"{len(text)} characters long", remedy)
    if synced := [name for name in SYNCED if name in text.lower()]:
        remedy = "Move the folder out of it: synchronizing locks files while they are written."
        return Check("folder", None, f"lies in {synced[0]}", remedy)
    if not text.isascii():
        return Check("folder", None, "has letters outside a to z in its path", "Move it if a package cannot be loaded.")
    return Check("folder", True, text)


def check_proxy(env: dict[str, str] | os._Environ[str] = os.environ) -> Check:
    """Check that a proxy, if there is one, is not asked for this machine's own addresses."""
    proxies = [name for name in ("http_proxy", "https_proxy", "all_proxy") if env.get(name) or env.get(name.upper())]
    excepted = f"{env.get('no_proxy', '')},{env.get('NO_PROXY', '')}"
    if not proxies:
        return Check("proxy", True, "none")
    if "localhost" in excepted or "127.0.0.1" in excepted or "*" in excepted:
        return Check("proxy", True, f"{', '.join(proxies)}, not for this machine")
    return Check("proxy", None, f"{', '.join(proxies)} for every address", "Set NO_PROXY to localhost,127.0.0.1.")
