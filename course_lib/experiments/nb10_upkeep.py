"""Helps notebook 10: what has to be kept in shape behind each technique, and what breaks when it is stale."""

from __future__ import annotations

from dataclasses import dataclass

PROMPT, WORKFLOW, RAG, TUNED, HYBRID = TECHNIQUES = ("prompt only", "workflow", "RAG", "fine-tuned", "hybrid")


@dataclass(frozen=True)
class Artifact:
    """Something that has to be kept in shape.

    Attributes:
        name: what it is.
        kept_in: where it is, as a path from the course's folder.
        needed_by: the techniques that rest on it.
        stale_when: what makes it stale.
        breaks: what a customer or you see then.
        renewed_by: the command or the work that renews it.
    """

    name: str
    kept_in: str
    needed_by: frozenset[str]
    stale_when: str
    breaks: str
    renewed_by: str


_ALL = frozenset(TECHNIQUES)
_SEARCH = frozenset({RAG, HYBRID})
ARTIFACTS = (
    Artifact("pages", "data/kb", _SEARCH, "the company changes a rule", "old values, well cited", "edit the page"),
    Artifact(
        "index",
        "course_lib/retrieval/updatable.py",
        _SEARCH,
        "a page is edited",
        "old values, well cited",
        "index the page again",
    ),
    Artifact(
        "table of facts",
        "data/facts.jsonl",
        frozenset({WORKFLOW, TUNED}),
        "the company changes a rule",
        "old values",
        "edit the table",
    ),
    Artifact(
        "retrieval adapter",
        "data/adapters/retrieval",
        _SEARCH,
        "the embedding model or the way to cut passages changes",
        "the right passage is found less often",
        "retrain retrieval",
    ),
    Artifact(
        "reading adapter",
        "data/adapters/reading",
        frozenset({HYBRID}),
        "the base model, the prompt or the house format changes",
        "wrong form, wrong values, wrong refusals",
        "retrain reading",
    ),
    Artifact(
        "facts adapter",
        "data/adapters/closed_book",
        frozenset({TUNED}),
        "any fact changes",
        "old values with nothing to check them by",
        "retrain closed_book",
    ),
    Artifact(
        "confidence limit",
        "course_lib/assistants/hybrid.py",
        frozenset({HYBRID}),
        "the model or an adapter changes",
        "too much is withheld, or too little",
        "choose it again on the dev questions",
    ),
    Artifact(
        "worked examples",
        "course_lib/assistants/rag.py",
        frozenset({PROMPT, RAG}),
        "the house format or the instruction changes",
        "the model copies the old form",
        "write them again",
    ),
    Artifact(
        "frozen questions",
        "data/eval/gold.jsonl",
        _ALL,
        "a fact that is asked changes",
        "right answers are counted wrong",
        "renew the gold answers",
    ),
    Artifact(
        "approval rules",
        "data/operations/approval_rules.yaml",
        _ALL,
        "customers or answers use other words",
        "harmful drafts go out",
        "read what leaked, and add cases first",
    ),
    Artifact(
        "prices", "data/prices/prices.json", _ALL, "their date passes", "decisions on old prices", "read the page again"
    ),
)


def parts_table() -> list[tuple[str, ...]]:
    """Return one line for each artifact: name, staleness, what breaks, what renews it, and a mark for each technique.

    The marks are in the order of ``TECHNIQUES``, ``x`` where the technique rests on the artifact.
    """
    return [
        (one.name, one.stale_when, one.breaks, one.renewed_by, *("x" * (name in one.needed_by) for name in TECHNIQUES))
        for one in ARTIFACTS
    ]


def behind(technique: str) -> list[Artifact]:
    """Return what has to be kept in shape for a technique."""
    return [artifact for artifact in ARTIFACTS if technique in artifact.needed_by]
