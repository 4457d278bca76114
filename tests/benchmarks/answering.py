"""How many questions a second are answered, against llama.cpp: ``python -m tests.benchmarks.answering``.

The frozen test questions, as the hybrid puts them before its model (instruction, two passages, question), are answered
greedily with the bare base weights, with at most as many tokens as the hybrid may write.

- **batch**: the course's ``ChatModel`` in float32, in batches as large as the settings say.
- **llama.cpp**: the Python binding (``requirements-bench.txt``) on the GGUF that those weights were converted from,
  one question after the other, with the fastest of a few settings; see ``llama_side``. It gets the same token ids.
- **plain**: ``transformers.generate`` in float32, one question after the other, on a few of them. Its texts must be
  those of the batches, letter by letter, or the benchmark fails.

Both sides use as many threads as torch would, and run one after the other, each in a fresh process, after a warm-up.
Loading is not counted. The base model may write other answers, longer or shorter, in llama.cpp's arithmetic, so tokens
per second are told, too. Prompt tokens per second come from answering with a single token, decoded ones from the rest
of the time; prompt tokens that all prompts share count although each side reads them once. **peak_share** is the share
of this machine's fastest matrix product that reading prompts reaches, without padding and without what is shared.

All seconds are clock time: the machine must be idle, which is checked. About 4 minutes for 96 questions on two cores.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from course_lib.assistants.hybrid import MAX_TOKENS
from course_lib.errors import CourseError
from course_lib.models.batching import shared_start
from course_lib.models.chat import ChatModel, load_chat
from course_lib.settings import Settings, load_settings
from course_lib.training.examples import Message
from tests.benchmarks.llama_files import BINDING, HOW, answered_by_llama, gguf_file, has_binding
from tests.benchmarks.processes import in_fresh_process
from tests.benchmarks.reading_prompts import reading_prompts
from tests.benchmarks.rows import Row, check_idle, finish, parser, ratio, row, run
from tests.benchmarks.work import matrix_peak, reading_work

QUESTIONS = 96
CHECKED = 16
Conversations = Sequence[Sequence[Message]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both sides, print their rows and store them."""
    options = parser(__doc__)
    options.add_argument("--questions", type=int, default=QUESTIONS, help="how many test questions (240 are all)")
    options.add_argument("--llama-python", type=Path, default=BINDING, help="a Python that has llama-cpp-python")
    chosen = options.parse_args(arguments)
    check_idle(chosen.no_store)
    settings = load_settings()
    prompts = reading_prompts(settings, chosen.questions)
    ours = in_fresh_process(answer_in_batches, settings, prompts)
    check_same(ours["texts"], in_fresh_process(answer_plainly, settings, prompts[:CHECKED]))
    rows = our_rows(ours)
    if has_binding(chosen.llama_python):
        model, threads = gguf_file(settings), ours["threads"]
        theirs = answered_by_llama(chosen.llama_python, model, ours["prompts"], MAX_TOKENS, threads)
        rows += their_rows(ours, theirs)
    else:
        print(f"llama.cpp is not compared: {chosen.llama_python} has no llama-cpp-python. {HOW}", flush=True)
    return finish(rows, settings, chosen.no_store)


def answer_in_batches(settings: Settings, prompts: Conversations) -> dict[str, Any]:
    """Answer all prompts with the course's model, once in full and once with a single token."""
    chat = load_chat(settings)
    chat.generate(prompts[: settings.batch_size], MAX_TOKENS)  # the first batch prepares kernels
    read, _ = timed(chat, prompts, 1)
    seconds, done = timed(chat, prompts, MAX_TOKENS)
    ids = [chat._tokens(messages) for messages in prompts]
    shared = len(shared_start(ids))
    config = chat.model.config
    work = sum(reading_work(config, len(one)) - reading_work(config, shared, 0) for one in ids)
    return {
        "prompts": ids,
        "texts": [one.text for one in done],
        "tokens_in": sum(map(len, ids)),
        "tokens_out": sum(one.tokens_out for one in done),
        "seconds": seconds,
        "read": read,
        "peak_share": work / read / matrix_peak(getattr(torch, settings.dtype)),
        "threads": torch.get_num_threads(),
    }


def timed(chat: ChatModel, prompts: Conversations, max_tokens: int) -> tuple[float, list]:
    """Return the seconds that answering takes, and the completions."""
    began = time.perf_counter()
    done = chat.generate(prompts, max_tokens)
    return time.perf_counter() - began, done


@torch.inference_mode()
def answer_plainly(settings: Settings, prompts: Conversations) -> list[str]:
    """Answer prompts one by one with nothing but transformers' own ``generate``."""
    chat = load_chat(settings)
    texts = []
    for messages in prompts:
        ids = torch.tensor([chat._tokens(messages)])
        whole = torch.ones_like(ids)
        output = chat.model.generate(
            input_ids=ids,
            attention_mask=whole,
            max_new_tokens=MAX_TOKENS,
            do_sample=False,
            pad_token_id=chat.tokenizer.pad_token_id,
        )
        texts.append(chat.tokenizer.decode(output[0, ids.shape[1] :], skip_special_tokens=True).strip())
    return texts


def check_same(batched: Sequence[str], plain: Sequence[str]) -> None:
    """Compare the first answers of a batch with those of the plain way.

    Raises:
        CourseError: one differs.
    """
    for number, (one, other) in enumerate(zip(batched, plain), 1):
        if one != other:
            raise CourseError(
                f"Answer {number} is {one!r} in a batch and {other!r} alone.",
                "Use float32; if you do, batching has a fault: run `python -m pytest tests/unit/models`.",
            )
    print(f"The first {len(plain)} answers are the same in batches and one by one.", flush=True)


def our_rows(ours: dict[str, Any]) -> list[Row]:
    """Return what the course's side reached."""
    count = len(ours["texts"])
    later = ours["tokens_out"] - count  # the first token of each answer comes with reading its prompt
    return [
        row("answering/batch/questions_per_second", ratio(count, ours["seconds"]), "1/s"),
        row("answering/batch/prompt_tokens_per_second", ratio(ours["tokens_in"], ours["read"]), "tokens/s"),
        row("answering/batch/decode_tokens_per_second", ratio(later, ours["seconds"] - ours["read"]), "tokens/s"),
        row("answering/batch/tokens_out", ratio(ours["tokens_out"], count), "tokens/answer"),
        row("answering/batch/peak_share", ours["peak_share"], "share", ">=0.6", "fastest matrix product"),
    ]


def their_rows(ours: dict[str, Any], theirs: dict[str, Any]) -> list[Row]:
    """Return what llama.cpp reached, and the ratios."""
    print(f"llama-cpp-python {theirs['version']}, fastest with {theirs['settings']}", flush=True)
    answers, count = theirs["rows"], len(theirs["rows"])
    first, written = sum(one["first"] for one in answers), sum(one["written"] for one in answers)
    name = "answering/llama.cpp"
    rows = [
        row(f"{name}/questions_per_second", ratio(count, theirs["seconds"]), "1/s"),
        row(f"{name}/prompt_tokens_per_second", ratio(ours["tokens_in"], first), "tokens/s"),
        row(f"{name}/decode_tokens_per_second", ratio(written - count, theirs["seconds"] - first), "tokens/s"),
        row(f"{name}/tokens_out", ratio(written, count), "tokens/answer"),
    ]
    same = sum(one["text"] == other for one, other in zip(answers, ours["texts"]))
    return [
        *rows,
        row("answering/same_texts", same / count, "share", None, name),
        *(
            row(f"answering/ratio/{measure}", ratio(mine["value"], other["value"]), "ratio", target, other["name"])
            for mine, other, measure, target in zip(
                our_rows(ours), rows, ("questions", "prompt_tokens", "decode_tokens"), (">=3", None, None)
            )
        ),
    ]


if __name__ == "__main__":
    run(main)
