"""Look at single failures: what each assistant answered to a question, from which passages, and why it is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

from course_lib.errors import DataError
from course_lib.evaluation.judge import CAUSES, Judgement
from course_lib.teaching.display import show
from course_lib.teaching.markup import View, boxed, passages_view, safe, table_view, text_view, visible

ANY = "any"
_WORDS = {True: "yes", False: "NO", None: None}
_COLUMNS = ("assistant", "answer", "cause if wrong", "cites", "exists", "supports", "answers", "passages shown")
_LISTED = 20


def explorer_view(judgements_by_name: Mapping[str, Sequence[Judgement]], question_id: str) -> View:
    """Show one question, what is right, each assistant's answer with its verdicts, and all passages shown to any.

    Args:
        judgements_by_name: the judged answers of each assistant, such as ``report.judgements``.
        question_id: the question to look at.

    Raises:
        DataError: nobody was asked this question.
    """
    found = {
        name: judged
        for name, judgements in judgements_by_name.items()
        for judged in judgements
        if judged.question.id == question_id
    }
    if not found:
        raise DataError(f"No assistant was asked {question_id!r}.", "Use the id of a question of these judgements.")
    question = next(iter(found.values())).question
    right = [slot.value for slot in question.slots]
    gold = [
        ("kind of question", question.stratum),
        ("right", "; ".join(right) or "to decline: the documents do not tell"),
        ("stale", "; ".join(question.stale) or None),
        ("wrong here", "; ".join(question.wrong) or None),
    ]
    shown = {hit.passage.id: hit.passage for judged in found.values() for hit in judged.answer.hits}
    parts = [
        ("Question", text_view(question.text)),
        ("What counts as right", table_view(gold, ("", "value"))),
        ("Answers", table_view([_line(name, judged) for name, judged in found.items()], _COLUMNS)),
        ("Passages shown to any of them", passages_view(shown.values(), right)),
    ]
    html = "".join(f"<div><b>{title}</b></div>{view.html}" for title, view in parts)
    return View(
        boxed(f"<div>{safe(question.id)}</div>{html}"),
        "\n\n".join([visible(question.id), *(f"{title}\n{view.plain}" for title, view in parts)]),
    )


def _line(name: str, judged: Judgement) -> tuple[str | None, ...]:
    answer = judged.answer
    return (
        name,
        answer.parsed.text,
        judged.cause or ("right" if judged.correct else "no cause"),
        ", ".join(answer.parsed.citations) or None,
        _WORDS[judged.citation_exists],
        _WORDS[judged.citation_supports],
        _WORDS[judged.citation_correct],
        ", ".join(hit.passage.id for hit in answer.hits) or None,
    )


def choose(
    judgements_by_name: Mapping[str, Sequence[Judgement]], stratum: str = ANY, assistant: str = ANY, cause: str = ANY
) -> list[str]:
    """Return the ids of the questions that fit, in the order of the judgements.

    Args:
        judgements_by_name: the judged answers of each assistant.
        stratum: kind of question.
        assistant: whose answer has to fit; any of them by default.
        cause: cause of a wrong answer, or ``right`` for right answers.
    """
    fitting = [
        judged.question.id
        for name, judgements in judgements_by_name.items()
        for judged in judgements
        if assistant in (ANY, name)
        and stratum in (ANY, judged.question.stratum)
        and cause in (ANY, "right" if judged.correct else judged.cause)
    ]
    asked = [judged.question.id for judgements in judgements_by_name.values() for judged in judgements]
    return [name for name in dict.fromkeys(asked) if name in set(fitting)]


def explore(judgements_by_name: Mapping[str, Sequence[Judgement]]) -> None:
    """Show menus to pick a question and look at its answers; without ipywidgets, a table of wrong answers instead."""
    if find_spec("ipywidgets") is None:
        print("The menus need the package ipywidgets, which is not installed. These are the first wrong answers.")
        print("To see one in full: show(explorer_view(judgements, question_id))")
        show(failures_view(judgements_by_name))
        return
    from course_lib.teaching.explorer_menus import explorer_menus

    show(text_view("Pick a question with the menus. They work while the notebook is running."))
    explorer_menus(judgements_by_name)


def failures_view(judgements_by_name: Mapping[str, Sequence[Judgement]], most: int = _LISTED) -> View:
    """Show a table of wrong answers: question, its kind, assistant, cause and answer; the first ``most`` of them."""
    rows = [
        (judged.question.id, judged.question.stratum, name, judged.cause, judged.answer.parsed.text)
        for name, judgements in judgements_by_name.items()
        for judged in judgements
        if not judged.correct
    ]
    return table_view(rows[:most], ("question", "kind", "assistant", "cause", "answer"))


def menu_entries(judgements_by_name: Mapping[str, Sequence[Judgement]]) -> dict[str, list[str]]:
    """Return what the three menus offer: kinds of question, assistants, and causes, each with ``any`` first."""
    judged = [one for judgements in judgements_by_name.values() for one in judgements]
    causes = {one.cause for one in judged if not one.correct}
    return {
        "stratum": [ANY, *dict.fromkeys(one.question.stratum for one in judged)],
        "assistant": [ANY, *judgements_by_name],
        "cause": [ANY, "right", *(cause for cause in CAUSES if cause in causes)],
    }
