"""Memory of answering and training, and how soon the first answer comes: ``python -m tests.benchmarks.memory``.

- **answering/peak**: a fresh process builds the five assistants and lets each answer one full batch of the test
  questions with the longest passages, which need the most memory. The peak after each assistant is printed.
- **training/peak**: a fresh process trains a few of the longest examples with the recipe of the reading adapter, as it
  ships (bfloat16), and in float32.
- **first_answer**: seconds from starting a Jupyter kernel to the hybrid's answer to one question, with the documents
  indexed before; the median of three, after one that brings the files into memory.

Memory is the peak of resident memory of the whole process, Python and its libraries included. Printed beside it is
where it goes: what the process holds after each step, and the sizes of weights, of logits, and of what the model
remembers of a batch (keys and values), computed from their shapes. Weights read from a file in place count, too.

Seconds are clock time: the machine must be idle, which is checked. About 2 minutes on two cores.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from course_lib.errors import CourseError
from course_lib.settings import ROOT, Settings, load_settings
from tests.benchmarks.processes import in_fresh_process, peak, resident
from tests.benchmarks.rows import Row, check_idle, finish, parser, row, run

if TYPE_CHECKING:  # a fresh process imports this module, and must not hold libraries that its work does not need
    from course_lib.training.lora import Recipe

STEPS = 4
STARTS = 3
KERNEL_SECONDS = 300
FIRST_ANSWER = """
from course_lib.assistants.team import build_team
from course_lib.settings import load_settings
print(build_team(load_settings()).assistants["hybrid"].answer(["How long can I pause my plan?"])[0].parsed.text)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure everything, print the rows and store them."""
    from course_lib.training.plans import plan_for

    chosen = parser(__doc__).parse_args(arguments)
    check_idle(chosen.no_store)
    settings = load_settings()
    recipe = plan_for("reading").stages[0].recipe
    works = {
        "memory/answering": (answer_longest, (settings,)),
        "memory/training": (train_longest, (settings, recipe)),
        "memory/training-float32": (train_longest, (settings, replace(recipe, dtype="float32"))),
    }
    rows: list[Row] = []
    for name, (work, given) in works.items():
        steps, parts = in_fresh_process(work, *given)
        tell(name, steps, parts)
        target = "<=1.2" if name == "memory/answering" else "<=1.5"
        rows.append(row(f"{name}/peak", steps["peak"] / 1e9, "GB", target))
        rows += [row(f"{name}/{part}", size / 1e9, "GB") for part, size in parts.items()]
    seconds = [first_answer_seconds() for _ in range(STARTS + 1)][1:]
    rows.append(row("memory/first_answer", statistics.median(seconds), "s", "<=10"))
    return finish(rows, settings, chosen.no_store)


def answer_longest(settings: Settings) -> tuple[dict[str, int], dict[str, int]]:
    """Let each assistant answer a batch of the longest prompts; return bytes held after each step, and of each part."""
    import torch

    from course_lib.assistants.team import build_team
    from course_lib.evaluation.gold import load_questions
    from course_lib.models.batching import answered_together

    steps = {"libraries": resident()}
    team = build_team(settings)
    steps |= {"models": resident(), "peak of loading": peak()}
    texts = [question.text for question in load_questions(settings.data, "test")]
    hits = team.retriever.search(texts, 2)
    order = sorted(range(len(texts)), key=lambda at: -sum(len(hit.passage.text) for hit in hits[at]))
    longest = [texts[at] for at in order[: settings.batch_size]]
    held = 0  # tokens remembered at once, at most
    for name, assistant in team.assistants.items():
        answers = assistant.answer(longest)
        rows = answered_together(settings.batch_size, max(answer.tokens_in for answer in answers))
        held = max(held, rows * max(answer.tokens_in + answer.tokens_out for answer in answers))
        steps[f"peak after {name}"] = peak()
    steps["peak"] = peak()
    size = torch.empty((), dtype=getattr(torch, settings.dtype)).element_size()
    parts = parts_of(team.chat.model, settings.batch_size, held, size)
    return steps, parts


def train_longest(settings: Settings, recipe: Recipe) -> tuple[dict[str, int], dict[str, int]]:
    """Train on the longest examples; return bytes held after each step, and of each part."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from course_lib.models.weights import chat_folder
    from course_lib.training.examples import encode
    from course_lib.training.lora import labelled_tokens, train_lora
    from course_lib.training.plans import plan_for

    if settings.threads:
        torch.set_num_threads(settings.threads)
    steps = {"libraries": resident()}
    folder = chat_folder(settings)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    made = plan_for("reading").stages[0].examples(settings)
    longest = sorted(made, key=lambda messages: -sum(len(message["content"]) for message in messages))[:STEPS]
    steps["examples"] = resident()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, recipe.dtype))
    steps |= {"model": resident(), "peak of loading": peak()}
    trained = train_lora(model, tokenizer, longest, recipe)
    steps |= {"trained": resident(), "peak": peak()}
    labelled = max(labelled_tokens([encode(tokenizer, messages)]) for messages in longest)
    # Logits are widened to float32 for the loss, whatever they are computed in; nothing is remembered between steps.
    return steps, parts_of(trained.model, labelled, 0, 4)


def parts_of(model: Any, wanted: int, held: int, size: int) -> dict[str, int]:
    """Return bytes of weights (adapters included), of logits, and of keys and values.

    Args:
        model: the model whose weights are counted.
        wanted: positions with logits.
        held: tokens remembered at once.
        size: bytes of a number.
    """
    config = model.config
    width = config.num_key_value_heads * config.head_dim
    return {
        "weights": sum(one.numel() * one.element_size() for one in model.parameters()),
        "logits": wanted * config.vocab_size * size,
        "keys_and_values": 2 * config.num_hidden_layers * held * width * size,
    }


def first_answer_seconds() -> float:
    """Start a kernel, ask one question, and return the seconds from the start to the answer.

    Raises:
        CourseError: the kernel did not answer.
    """
    from jupyter_client.manager import KernelManager

    began = time.perf_counter()
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(ROOT / "notebooks"))
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=KERNEL_SECONDS)
        reply = client.execute_interactive(FIRST_ANSWER, timeout=KERNEL_SECONDS, output_hook=lambda message: None)
        seconds = time.perf_counter() - began
    except (RuntimeError, TimeoutError) as error:
        raise CourseError(f"The kernel did not answer: {error}", "Run `python -m course_lib check-env`.") from error
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if reply["content"]["status"] != "ok":
        raise CourseError(
            f"The first answer failed: {reply['content']['evalue']}", "Run `python -m course_lib check-env`."
        )
    return seconds


def tell(name: str, steps: dict[str, int], parts: dict[str, int]) -> None:
    """Print where the memory goes."""
    print(f"{name}, MB held: " + ", ".join(f"{step} {size / 1e6:.0f}" for step, size in steps.items()))
    print(
        "  of which, from shapes: " + ", ".join(f"{part} {size / 1e6:.0f}" for part, size in parts.items()), flush=True
    )


if __name__ == "__main__":
    run(main)
