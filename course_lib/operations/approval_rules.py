"""The approval rules, read from ``data/operations/approval_rules.yaml`` and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from course_lib.errors import DataError
from course_lib.settings import ROOT

KINDS = ("money", "harm", "legal", "medical", "security", "operations", "trust")
RULES_FILE = Path("operations") / "approval_rules.yaml"
_PARTS = ("question", "answer", "either", "unless")


@dataclass(frozen=True)
class Rule:
    """One word rule: it fires when each pattern that it has is found in its place, and ``unless`` is not.

    Attributes:
        id: its name, unique.
        kind: one of ``KINDS``.
        reason: what the reviewer reads.
        question, answer, either: patterns for the question, the answer, or any of the two; None is not asked for.
        unless: pattern of harmless uses of the same words, in question or answer.
        examples: pairs of question and answer on which the rule fires.
    """

    id: str
    kind: str
    reason: str
    question: re.Pattern[str] | None = None
    answer: re.Pattern[str] | None = None
    either: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    examples: tuple[tuple[str, str], ...] = ()


def load_rules(data: Path = ROOT / "data") -> tuple[Rule, ...]:
    """Read the word rules.

    Args:
        data: folder with the course's data.

    Raises:
        DataError: the file is missing or is no YAML; a rule is incomplete, has a broken pattern or a name used before.
    """
    path = data / RULES_FILE
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        words = {name: "|".join(patterns) for name, patterns in content["words"].items()}
        rules = tuple(_rule(row, words) for row in content["rules"])
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(f"{path} cannot be read: {error}.", "Restore it with `git checkout`.") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} lacks {error}.", "Compare it with the other rules in the file.") from error
    names = [rule.id for rule in rules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"{path} has two rules named {', '.join(twice)}.", "Give each rule a name of its own.")
    return rules


def _rule(row: dict, words: dict[str, str]) -> Rule:
    name = row["id"]
    if row["kind"] not in KINDS:
        raise DataError(f"Approval rule {name} has the kind {row['kind']!r}.", f"Use one of: {', '.join(KINDS)}.")
    unknown = set(row) - {"id", "kind", "reason", "examples", *_PARTS}
    if unknown or not any(part in row for part in _PARTS[:3]):
        raise DataError(
            f"Approval rule {name} has {sorted(unknown) or 'no pattern'}.", f"Give it one of: {', '.join(_PARTS[:3])}."
        )
    parts = {part: _pattern(name, row[part], words) for part in _PARTS if part in row}
    examples = tuple((example["question"], example["answer"]) for example in row["examples"])
    return Rule(name, row["kind"], row["reason"], **parts, examples=examples)


def _pattern(name: str, alternatives: list[str], words: dict[str, str]) -> re.Pattern[str]:
    text = "|".join(alternatives)
    for word, pattern in words.items():
        text = text.replace(f"<{word}>", f"(?:{pattern})")
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise DataError(
            f"Approval rule {name} has a broken pattern: {error}.", "Mend it in approval_rules.yaml."
        ) from error
