"""How answering and training grow with their number of items: ``python -m tests.benchmarks.growth``.

The hybrid's prompts are answered, with its adapter, for 16 to 128 test questions; the reading adapter's recipe is
trained with 4 to 32 examples. Each size is timed once after a warm-up, loading not counted.

The slope of the logarithm of the seconds over the logarithm of the number of items says how they grow: 1 is in
proportion, 2 would be with the square. It is taken over the number of items and over their tokens, because larger
samples may happen to have longer items. Below 1 means that a part of the time does not depend on the number: for
questions the instruction, which is read once, and padding, which is less where more prompts of similar length can be
put together; for examples the making of adapter and optimizer.

All seconds are clock time: the machine must be idle, which is checked. About 4 minutes on two cores.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from course_lib.assistants.hybrid import MAX_TOKENS
from course_lib.errors import DataError
from course_lib.models.chat import load_chat
from course_lib.settings import Settings, load_settings
from course_lib.training.examples import Message, encode
from course_lib.training.lora import train_lora
from course_lib.training.plans import plan_for
from tests.benchmarks.processes import in_fresh_process
from tests.benchmarks.reading_prompts import reading_prompts
from tests.benchmarks.rows import Row, check_idle, finish, parser, row, run

QUESTIONS = (16, 32, 64, 128)
EXAMPLES = (4, 8, 16, 32)
TARGET = "<=1.1"
Timed = list[tuple[int, int, float]]  # items, their tokens, seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Time all sizes, print the rows and store them."""
    options = parser(__doc__)
    options.add_argument("--divide", type=int, default=1, help="divide all sizes by this, for a trial")
    chosen = options.parse_args(arguments)
    check_idle(chosen.no_store)
    settings = load_settings()
    sizes = [[max(1, size // chosen.divide) for size in row_of] for row_of in (QUESTIONS, EXAMPLES)]
    prompts = {size: reading_prompts(settings, size) for size in sizes[0]}
    rows = rows_of("answering", in_fresh_process(answer, settings, prompts))
    examples = plan_for("reading").stages[0].examples(settings)
    rows += rows_of("training", in_fresh_process(train, settings, {size: examples[:size] for size in sizes[1]}))
    return finish(rows, settings, chosen.no_store)


def answer(settings: Settings, prompts: dict[int, list[list[Message]]]) -> Timed:
    """Answer each list of prompts; the shortest is answered twice, to warm up."""
    chat = load_chat(settings)
    chat.load_adapter("reading", settings.data / "adapters" / "reading")
    chat.generate(prompts[min(prompts)], MAX_TOKENS, "reading")
    timed = []
    for count, some in prompts.items():
        began = time.perf_counter()
        done = chat.generate(some, MAX_TOKENS, "reading")
        seconds = time.perf_counter() - began
        timed.append((count, sum(one.tokens_in + one.tokens_out for one in done), seconds))
    return timed


def train(settings: Settings, examples: dict[int, list[list[Message]]]) -> Timed:
    """Train anew on each list of examples; the shortest is learned twice, to warm up."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from course_lib.models.weights import chat_folder

    if settings.threads:
        torch.set_num_threads(settings.threads)
    folder, recipe = chat_folder(settings), plan_for("reading").stages[0].recipe
    tokenizer, timed = AutoTokenizer.from_pretrained(folder), []
    for count in (min(examples), *examples):
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, recipe.dtype))
        seconds = train_lora(model, tokenizer, examples[count], recipe).seconds
        tokens = sum(len(encode(tokenizer, messages).input_ids) for messages in examples[count])
        timed.append((count, tokens, seconds))
    return timed[1:]


def rows_of(name: str, timed: Timed) -> list[Row]:
    """Return the seconds of each size and both slopes."""
    counts, tokens, seconds = zip(*timed)
    rows = [row(f"growth/{name}/{count}", took, "s") for count, _, took in timed]
    rows.append(row(f"growth/{name}/slope", slope(counts, seconds), "slope", TARGET, "number of items"))
    rows.append(row(f"growth/{name}/slope_by_tokens", slope(tokens, seconds), "slope", TARGET, "tokens of the items"))
    return rows


def slope(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the least-squares slope of log seconds over log sizes.

    Raises:
        DataError: there are not two different sizes.
    """
    if len(set(sizes)) < 2:
        raise DataError("A slope needs two different sizes.", "Divide the sizes by less.")
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


if __name__ == "__main__":
    run(main)
