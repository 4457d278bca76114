"""What training costs and does, from the stored rows of notebook 05: losses, examples, rules, and what is forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.evaluation.differences import text_of
from course_lib.evaluation.statistics import Interval, cluster_bootstrap
from course_lib.experiments.nb05_rules import COUNTS, TRAINED, share_kept, voice_rules
from course_lib.experiments.nb05_scores import by_arm, costs, differences, shares
from course_lib.experiments.store import load_experiment
from course_lib.files import read_json
from course_lib.settings import Settings
from course_lib.training.adapters import MANIFEST
from course_lib.training.stopping import kept_epoch
from course_lib.training.targets import Target

Row = Mapping[str, Any]
Rows = Sequence[Row]
SHIPPED = ("adapter", "conversations", "steps", "minutes", "first loss", "last loss", "all right on dev")
STOPPED = ("seed", "epoch kept", "held-out loss there", "at the end", "training loss at the end")
SHORTEST = min(count for count in COUNTS if count)  # rules in the shortest list of the rules experiment
RULED = ("arm", "of all rules", f"of the first {SHORTEST}", "facts kept", "prompt tokens", "ms")
REWRITTEN = ("draft", "rewritten by the trained model", "rules broken", "all facts kept")
FORGOTTEN = ("adapter", "right", "minus no adapter", "answers in a trained form")


def shipped_table(settings: Settings, names: Sequence[str]) -> list[tuple[object, ...]]:
    """Return a line for each shipped adapter of one stage, as ``SHIPPED``, from its manifest; no score is None."""
    lines = []
    for name in names:
        manifest = read_json(settings.data / "adapters" / name / MANIFEST)
        (stage,), score = manifest["stages"], manifest["held_out"]
        losses = [row["loss"] for row in stage["log"]]
        minutes = round(manifest["seconds"] / 60, 1)
        told = round(score["value"], 2) if score else None
        lines.append((name, stage["examples"], stage["log"][-1]["step"], minutes, losses[0], losses[-1], told))
    return lines


def loss_curves(rows: Rows) -> dict[str, list[tuple[float, float]]]:
    """Return by curve the places (epoch, loss in nats a token) of the overfitting experiment."""
    found: dict[str, list[tuple[float, float]]] = {}
    for seed, some in by_arm(rows, "seed").items():
        for key, name in (("train", "training"), ("held_out", "held out")):
            points = [(row["epoch"], row[key]) for row in some if row[key] is not None]
            found[f"{name}, seed {seed}"] = points
    return found


def stop_table(rows: Rows, patience: int) -> list[tuple[object, ...]]:
    """Return a line a seed, as ``STOPPED``: where training stops with this patience, and what going on leads to."""
    lines = []
    for seed, some in by_arm(rows, "seed").items():
        kept = some[kept_epoch([row["held_out"] for row in some], patience)]
        lines.append((seed, kept["epoch"], kept["held_out"], some[-1]["held_out"], some[-1]["train"]))
    return lines


def example_points(rows: Rows, key: str = "exact") -> dict[str, list[tuple[float, Interval]]]:
    """Return by target the number of training examples and the mean of a score, over items and seeds.

    The interval is over test items, each with all its seeds; it does not cover the choice of training examples.
    """
    points: dict[str, list[tuple[float, Interval]]] = {}
    for name, some in by_arm(rows, "target").items():
        for size, runs in sorted(by_arm(some, "size").items()):
            values = [float(value) for run in runs for value in run[key]]
            items = [place for run in runs for place in range(len(run[key]))]
            points.setdefault(name, []).append((float(size), cluster_bootstrap(values, items)))
    return points


def load_rules(settings: Settings) -> list[dict[str, Any]]:
    """Return the stored rows of the rules experiment with ``share`` and ``first``, what each keeps of some rules.

    ``share`` is over all rules of the voice, and ``first`` over the ``SHORTEST`` that stand first in it.

    Raises:
        DataError: the experiment has no stored rows.
    """
    rules = [rule["id"] for rule in voice_rules(settings.data / "tickets")]
    return [
        {**row, "share": share_kept(row, rules), "first": share_kept(row, rules[:SHORTEST])}
        for row in load_experiment("nb05_rules", settings)
    ]


def rule_table(rows: Rows) -> list[tuple[object, ...]]:
    """Return a line an arm of the rules experiment, as ``RULED``: what is kept, and what was paid for it."""
    spent, every, few, facts = costs(rows), *(shares(rows, key) for key in ("share", "first", "facts"))
    return [
        (
            arm,
            text_of(every[arm]),
            round(few[arm].value, 2),
            round(facts[arm].value, 2),
            round(spent[arm]["tokens_in"]) or None,
            round(spent[arm]["ms"]) or None,
        )
        for arm in every
    ]


def rewrites(rows: Rows, target: Target, count: int) -> list[tuple[object, ...]]:
    """Return drafts, what the trained model made of them, and whether all facts were kept, as ``REWRITTEN``."""
    drafts = {item.id: item.text for item in target.items["test"]}
    trained = [row for row in rows if row["arm"] == TRAINED][:count]
    return [(drafts[row["question"]], row["text"], len(row["broken"]), row["facts"]) for row in trained]


def forgetting_table(rows: Rows, base: str) -> list[tuple[object, ...]]:
    """Return a line an adapter, as ``FORGOTTEN``; ``base`` is the arm without one and comes first."""
    right, habit, against = shares(rows, "right"), shares(rows, "habit"), differences(rows, "right", base)
    return [
        (arm, text_of(right[arm]), text_of(against[arm]) if arm in against else None, round(habit[arm].value, 2))
        for arm in right
    ]
