"""Teach the same facts in 1, 2, 5 or 10 wordings with the same number of steps, and ask in words known and unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course_lib.assistants.fine_tuned import FineTuned
from course_lib.assistants.prompt_only import PromptOnly
from course_lib.evaluation.changes import CURRENT, Asked
from course_lib.evaluation.gold import load_facts
from course_lib.experiments.nb06_shared import WORDINGS, all_questions, recipe, taught, wordings_of
from course_lib.experiments.resume import Kept, Rows
from course_lib.experiments.sources import SITE_DATA
from course_lib.knowledge.snapshots import snapshot_dates
from course_lib.models.chat import load_chat
from course_lib.settings import Settings
from course_lib.training.runs import TRAINED, trained_chat

NAME = "nb06_dose"
USES = (*SITE_DATA, WORDINGS)
FACTS, STEPS = 30, 90
DOSES = (1, 2, 5, 10)
KNOWN, UNKNOWN = "trained wording", "held-out wording"
UNTRAINED = 0


def run(settings: Settings, say: Callable[[str], None]) -> Rows:
    """Return one row for each dose, fact and wording asked: ``right`` tells whether the taught value comes out.

    Two wordings of each fact were written by people; further ones are templates around its subject. The trained wording
    is the first, which every dose has; the held-out one is a question of the test set. Dose 0 is the untrained model.
    """
    kept, chosen = Kept(NAME, settings, say), chosen_facts(settings)
    natural = wordings_of(settings, chosen)
    asked = [
        (name, wording, text)
        for name, one in chosen.items()
        for wording, text in ((KNOWN, natural[name][0]), (UNKNOWN, one.question.text))
    ]
    rows = kept.rows("0", lambda: rows_of(UNTRAINED, PromptOnly(load_chat(settings)), chosen, asked))
    for dose in DOSES:

        def make(dose: int = dose) -> Rows:
            facts = {name: fact for name, fact in load_facts(settings.data).items() if name in chosen}
            talks = taught(settings, facts, snapshot_dates(settings.data)[0], dose)
            chat, _ = trained_chat(settings, talks, recipe(STEPS / len(talks)), kept.folder / str(dose), None, say)
            return rows_of(dose, FineTuned(chat, TRAINED), chosen, asked)

        rows += kept.rows(str(dose), make)
    return rows


def chosen_facts(settings: Settings) -> dict[str, Asked]:
    """Return a question for each fact taught: the first about it, every so-manieth fact."""
    first: dict[str, Asked] = {}
    for one in all_questions(settings):
        first.setdefault(one.question.slots[0].fact, one)
    names = list(first)
    return {names[place * len(names) // FACTS]: first[names[place * len(names) // FACTS]] for place in range(FACTS)}


def rows_of(
    dose: int, assistant, chosen: Mapping[str, Asked], asked: Sequence[tuple[str, str, str]]
) -> list[dict[str, Any]]:
    """Ask one assistant every fact in both wordings."""
    answers = assistant.answer([text for _, _, text in asked])
    return [
        {
            "dose": dose,
            "fact": name,
            "cluster": chosen[name].question.cluster,
            "wording": wording,
            "asked": text,
            "text": answer.parsed.text,
            "right": chosen[name].kind(answer.parsed.text, min(chosen[name].values)) == CURRENT,
        }
        for (name, wording, text), answer in zip(asked, answers)
    ]
