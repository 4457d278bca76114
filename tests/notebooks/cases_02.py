"""The exercises of notebook 02."""

from __future__ import annotations

from course_lib.assistants.answer import Answer, Parsed
from course_lib.knowledge.chunking import Passage
from course_lib.retrieval.base import Hit
from tests.notebooks.case import Case


def a_fooled_answer():
    """Return an answer that was shown the right page and a page that states the planted value."""
    right = Passage("kb-012.3", "kb-012", "Moving", "", "plans", "A transfer between regions costs $28.")
    wrong = Passage("kb-081.1", "kb-081", "Moving", "", "plans", "A transfer between regions costs $96.")
    hits = (Hit(wrong, 2.5), Hit(right, 2.0))
    return {"fooled": Answer("rag", "q", hits, "", "", Parsed("$96", ("kb-081.1",))), "wrong": "$96"}


def cut(lines: str) -> str:
    """Return a definition of the function with these lines as its body."""
    return "def cut(text, size, overlap):\n" + "\n".join(f"    {line}" for line in lines.splitlines())


PLAIN = """words = text.split()
return [" ".join(words[start : start + size]) for start in range(0, len(words), size)]"""
TAIL = """words = text.split()
return [" ".join(words[start : start + size]) for start in range(0, len(words), size - overlap)]"""
SHORT = """words = text.split()
return [" ".join(words[start : start + size]) for start in range(0, len(words) - size + 1, size - overlap)]"""
LONG = """words = text.split()
return [" ".join(words[start : start + size + overlap]) for start in range(0, len(words), size)]"""
LETTERS = """return [text[start : start + size] for start in range(0, len(text), size - overlap)]"""
TABS = """words = text.split()
starts = range(0, max(1, len(words) - overlap), size - overlap)
return ["\\t".join(words[start : start + size]) for start in starts]"""
LISTS = """words = text.split()
return [words[start : start + size] for start in range(0, len(words), size)]"""
CASES = {
    "02.1": Case(
        {
            cut(PLAIN): "do not overlap",
            cut(TAIL): "nothing new",
            cut(SHORT): "in none of your pieces",
            cut(LONG): "more words than",
            cut(LETTERS): "counts words",
            cut(TABS): "one space",
            cut(LISTS): "not a text",
            cut("return []"): "list is empty",
            cut("return text"): "str",
            cut("text.split()"): "returns nothing",
            cut("return text.words()"): "AttributeError",
            "cut = 5": "function itself",
        }
    ),
    "02.2": Case(
        {
            'culprit = "kb-081.1"': "before the dot",
            'culprit = "kb-012"': "does not state",
            'culprit = " KB-012 "': "does not state",
            'culprit = "kb-777"': "no passage of",
            "culprit = 81": "int",
            "culprit = None": "empty",
            'culprit = "<b>kb\\u202e"': "no passage of",
        },
        a_fooled_answer,
    ),
}
