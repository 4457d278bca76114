"""What bfloat16 gains and changes in answering: ``python -m tests.benchmarks.number_types``.

The hybrid answers the same test questions with ``COURSE_DTYPE=float32``, which all published figures come from, and
``COURSE_DTYPE=bfloat16``, each in a fresh process after a warm-up; loading is not counted.

- **questions_per_second** and **peak** (memory of the whole process), and their ratios.
- **texts_differ**: share of the questions for which the model writes another text.
- **answers_differ**: share for which the checked answer that a customer sees is another one.
- **correct**: share of right answers. Few questions tell little about a small difference.

How much bfloat16 gains depends on the processor: some have instructions for it, others are slower with it.

All seconds are clock time: the machine must be idle, which is checked. About 2 minutes for 64 questions on two cores.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from course_lib.settings import Settings, load_settings
from tests.benchmarks.processes import in_fresh_process, peak
from tests.benchmarks.reading_prompts import asked
from tests.benchmarks.rows import Row, check_idle, finish, parser, ratio, row, run

QUESTIONS = 64
PLAIN, SHORT = "float32", "bfloat16"


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer in both number types, print the rows and store them."""
    options = parser(__doc__)
    options.add_argument("--questions", type=int, default=QUESTIONS, help="how many test questions (240 are all)")
    chosen = options.parse_args(arguments)
    check_idle(chosen.no_store)
    settings = load_settings()
    measured = {
        dtype: in_fresh_process(answer, replace(settings, dtype=dtype), chosen.questions) for dtype in (PLAIN, SHORT)
    }
    return finish(rows_of(measured), settings, chosen.no_store)


def answer(settings: Settings, count: int) -> dict[str, Any]:
    """Let the hybrid answer, and return seconds, peak memory, texts, answers, and which are right."""
    from course_lib.assistants.team import build_team
    from course_lib.evaluation.judge import judge

    team, questions = build_team(settings), asked(settings, count)
    hybrid, passages = team.assistants["hybrid"], {passage.id: passage for passage in team.passages}
    texts = [question.text for question in questions]
    hybrid.answer(texts[: settings.batch_size])
    began = time.perf_counter()
    answers = hybrid.answer(texts)
    return {
        "seconds": time.perf_counter() - began,
        "peak": peak(),
        "texts": [one.raw for one in answers],
        "answers": [(one.parsed.text, one.parsed.citations) for one in answers],
        "correct": [judge(question, one, passages).correct for question, one in zip(questions, answers)],
    }


def rows_of(measured: dict[str, dict[str, Any]]) -> list[Row]:
    """Return what each number type reached, and how they differ."""
    rows, speed = [], {}
    for dtype, values in measured.items():
        speed[dtype] = ratio(len(values["texts"]), values["seconds"])
        name = f"number_types/{dtype}"
        rows += [
            row(f"{name}/questions_per_second", speed[dtype], "1/s"),
            row(f"{name}/peak", values["peak"] / 1e9, "GB"),
            row(f"{name}/correct", share(values["correct"]), "share"),
        ]
    short, plain, other = measured[SHORT], measured[PLAIN], f"number_types/{PLAIN}"
    texts, answers = ([a != b for a, b in zip(short[key], plain[key])] for key in ("texts", "answers"))
    return [
        *rows,
        row("number_types/ratio/questions", ratio(speed[SHORT], speed[PLAIN]), "ratio", None, f"{other}/questions"),
        row("number_types/ratio/peak", ratio(short["peak"], plain["peak"]), "ratio", None, f"{other}/peak"),
        row("number_types/texts_differ", share(texts), "share", None, PLAIN),
        row("number_types/answers_differ", share(answers), "share", None, PLAIN),
    ]


def share(flags: Sequence[bool]) -> float:
    """Return how large a part of the flags is true."""
    return sum(flags) / len(flags)


if __name__ == "__main__":
    run(main)
