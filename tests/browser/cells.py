"""The notebooks that the browser tests make: hostile texts through every display helper, and the explorer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

SETUP = """
import json
from pathlib import Path
from matplotlib.figure import Figure
from course_lib.assistants.answer import Answer, Parsed
from course_lib.environment import Check
from course_lib.evaluation.gold import Question, Slot
from course_lib.evaluation.judge import Judgement
from course_lib.evaluation.scoreboard import Row
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit
from course_lib.teaching import display
from course_lib.teaching.explorer import explore, explorer_view, failures_view

texts = json.loads(Path("payloads.json").read_text())

def hit(text):
    return Hit(Passage(text, text, text, text, "plans", text), 1.5)

def answer(text, name=None):
    parsed = Parsed(text, (text, "kb-001.1"), text)
    return Answer(name or text, text, (hit(text),), text, text, parsed, {text: False}, seconds={text: 0.1})

def judged(text, name, number):
    slots = (Slot("kb-001.price", "money", text, (), text),)
    question = Question(f"t-{number}", "test", text, text, slots, (text,), (text,), "")
    return Judgement(question, answer(text, name), False, False, True, False, None, text)
"""
# One cell for each helper; each shows every text, and the test looks for all of them in its output.
HELPERS = {
    "show_text": "for text in texts: display.show_text(text)",
    "show_passages": "for text in texts: display.show_passages([hit(text), hit(text).passage], [text[:8]])",
    "show_answer": "for text in texts: display.show_answer(answer(text))",
    "show_trace": "for text in texts: display.show_trace(answer(text))",
    "show_table": "display.show_table([(text, 1, None) for text in texts], texts[:3])",
    "show_scoreboard": "display.show_scoreboard([Row(text, text, 0.5, 0.1, 0.9, 9) for text in texts], texts)",
    "show_checks": "display.show_checks([Check(text, False, text, text) for text in texts])",
    "show_figure": "for text in texts: display.show_figure(Figure(figsize=(1, 1)), text)",
    "explorer_view": 'for text in texts: display.show(explorer_view({text: [judged(text, text, 1)]}, "t-1"))',
    "failures_view": "display.show(failures_view({'rag': [judged(text, 'rag', 1) for text in texts]}, len(texts)))",
}
HOSTILE_MENUS = "explore({'rag': [judged(text, text, number) for number, text in enumerate(texts)]})"
MENUS = """
def told(name, number, cause):
    text = f"{name} says ${number}0"
    question = Question(f"t-{number}", "test", "lookup", f"Question {number}?", (), (), (), "kb-001")
    return Judgement(question, Answer(name, question.text, (), "", text, Parsed(text)), not cause, False, *[None] * 3,
                     cause)

explore({"rag": [told("rag", 1, "stale"), told("rag", 2, "misread")], "hybrid": [told("hybrid", 1, "")]})
"""


def write_notebook(folder: Path, name: str, sources: Sequence[str], texts: Mapping[str, str] | None = None) -> str:
    """Write a notebook of code cells, and the texts that they read beside it; return its name."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{place}",
            "metadata": {},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }
        for place, text in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / name).write_text(json.dumps(notebook), encoding="utf-8")
    (folder / "payloads.json").write_text(json.dumps(list((texts or {}).values())), encoding="utf-8")
    return name
