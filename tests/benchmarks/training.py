"""LoRA training against ``transformers.Trainer``: ``python -m tests.benchmarks.training``.

Examples of the shipped reading adapter are learned in float32, four a step, with its rank, learning rate and schedule,
in the same order. Each way has a fresh process.

- **trainer**: ``transformers.Trainer`` as it comes, with peft: all linear modules of all layers, examples of a step
  padded to the longest, logits and loss over all positions.
- **course**: ``train_lora`` with the layers that the shipped adapters train (the upper 20 of 30), one example after the
  other within a step, logits only where the loss is taken.
- **course-all-layers**: the same with all layers, which shows how much is due to leaving layers alone.
- **course-bfloat16**: the same as ``course`` in bfloat16, which the shipped adapters were trained in.

A token is one of an example, padding not counted. Memory is the peak of the whole process with Python and its
libraries, loading included. The loss on other organizations' examples after training is in nats a token; the steps are
too few to learn much, but a way that trains worse would show. **peak_share** is the share of this machine's fastest
matrix product.

All seconds are clock time: the machine must be idle, which is checked. About 4 minutes for 20 examples on two cores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from course_lib.errors import CourseError
from course_lib.settings import Settings, load_settings
from course_lib.training.lora import Recipe
from course_lib.training.plans import plan_for
from tests.benchmarks.processes import in_fresh_process
from tests.benchmarks.rows import Row, check_idle, finish, parser, ratio, row, run
from tests.benchmarks.training_arms import train_course, train_plainly

EXAMPLES = 20
HELD_OUT = 6
STEP = 4
UNITS = {"tokens_per_second": "tokens/s", "peak": "bytes", "held_out_loss": "nats/token", "peak_share": "share"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train in each way, print the rows and store them."""
    options = parser(__doc__)
    options.add_argument("--examples", type=int, default=EXAMPLES, help="how many examples are learned")
    chosen = options.parse_args(arguments)
    check_idle(chosen.no_store)
    settings = load_settings()
    learned, held_out = examples(settings, chosen.examples)
    recipe = compared_recipe()
    ways = {
        "trainer": (train_plainly, recipe),
        "course": (train_course, recipe),
        "course-all-layers": (train_course, replace(recipe, first_layer=0)),
        "course-bfloat16": (train_course, replace(recipe, dtype="bfloat16")),
    }
    measured: dict[str, dict[str, Any]] = {}
    for name, (train, how) in ways.items():
        measured[name] = in_fresh_process(train, settings, learned, held_out, how)
        print(f"{name}: {measured[name]['seconds']:.1f} s", flush=True)
    return finish(rows_of(measured), settings, chosen.no_store)


def compared_recipe() -> Recipe:
    """Return the recipe of the reading adapter in float32, with as many examples a step as Trainer gets."""
    return replace(plan_for("reading").stages[0].recipe, dtype="float32", batch_size=STEP)


def examples(settings: Settings, count: int) -> tuple[list, list]:
    """Return examples to learn and examples of other organizations, which are only measured."""
    made = plan_for("reading").stages[0].examples(settings)
    if not 0 < count <= len(made) - HELD_OUT:
        raise CourseError(f"{count} examples cannot be learned.", f"Ask for 1 to {len(made) - HELD_OUT}.")
    return made[:count], made[count : count + HELD_OUT]


def rows_of(measured: dict[str, dict[str, Any]]) -> list[Row]:
    """Return what each way reached, and the course's ratios to Trainer."""
    rows = [
        row(f"training/{name}/{measure}", values[measure], unit, ">=0.6" if aimed(name, measure) else None)
        for name, values in measured.items()
        for measure, unit in UNITS.items()
    ]
    ours, theirs = measured["course"], measured["trainer"]
    worse = ours["held_out_loss"] - theirs["held_out_loss"]
    against = "training/trainer"
    for measure, target in (("tokens_per_second", ">=2"), ("peak", "<=0.6")):
        value = ratio(ours[measure], theirs[measure])
        rows.append(row(f"training/ratio/{measure}", value, "ratio", target, f"{against}/{measure}"))
    rows.append(row("training/difference/held_out_loss", worse, "nats/token", "<=0.05", f"{against}/held_out_loss"))
    return rows


def aimed(name: str, measure: str) -> bool:
    """Tell whether a row has the target of a share of the matrix peak."""
    return name == "course" and measure == "peak_share"


if __name__ == "__main__":
    run(main)
