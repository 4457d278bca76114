"""Are the prepared models whole? A check that takes no second; check-env reads every byte."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from course_lib.environment import Check
from course_lib.files import sha256_of

HASHED_BELOW = 5_000_000  # bytes; larger files are checked by their size
PREPARE = "Run `python -m course_lib prepare`."


def check_weights(name: str, folder: Path, stamp: str = "prepared.json") -> Check:
    """Check that a prepared model is whole: every file is there, small ones are intact, large ones have their size."""
    if not (folder / stamp).is_file():
        return Check(name, False, "is not prepared yet", PREPARE)
    try:
        digests = json.loads((folder / stamp).read_text(encoding="utf-8"))
        bad = [file for file, digest in digests.items() if not _intact(folder / file, digest)]
    except (ValueError, AttributeError, KeyError, struct.error, OSError) as error:
        return Check(name, False, f"cannot be read ({error})", PREPARE)
    if bad or not digests:
        return Check(name, False, f"is damaged: {', '.join(bad) or stamp}", PREPARE)
    return Check(
        name, True, f"{len(digests)} files, {sum((folder / file).stat().st_size for file in digests) / 1e6:.0f} MB"
    )


def _intact(path: Path, digest: str) -> bool:
    if not path.is_file():
        return False
    if path.stat().st_size < HASHED_BELOW:
        return sha256_of(path) == digest
    return path.suffix != ".safetensors" or path.stat().st_size == safetensors_size(path)


def safetensors_size(path: Path) -> int:
    """Return how many bytes a safetensors file must have, by its own header; one that was cut off is shorter."""
    with open(path, "rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        header = json.loads(stream.read(length))
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    return 8 + length + max(ends, default=0)
