"""How many rules of voice are kept: 5, 10 or 20 in the prompt, the guide retrieved, or the voice trained."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from course_lib.evaluation.voice import facts_kept, obeyed
from course_lib.experiments.nb05_arms import Say, adapter_files
from course_lib.experiments.nb05_slices import with_fewer_tests
from course_lib.experiments.nb05_voice import ASKED
from course_lib.experiments.resume import Kept, Rows
from course_lib.models.batching import Completion
from course_lib.models.chat import ChatModel, load_chat
from course_lib.models.prompts import Message
from course_lib.retrieval.dense import embed
from course_lib.settings import Settings
from course_lib.training.targets import BASE, SHORT, Item, Target
from course_lib.training.ticket_targets import rules_block, ticket_target, voice_rules

NAME = "nb05_rules"
USES = (
    *adapter_files("voice"),
    *adapter_files("retrieval"),
    "data/tickets/voice.jsonl",
    "data/tickets/voice_guide.json",
)
COUNTS, RETRIEVED = (0, 5, 10, 20), 5
TRAINED, GUIDE, COPY = "trained", f"guide retrieved, {RETRIEVED} rules", "draft as it is"


def run(settings: Settings, say: Say) -> Rows:
    """Return one row for each arm and ``ASKED`` test items.

    A row has the ``arm``, the ids of the rules ``kept`` and ``broken`` (a rule without bearing is in neither),
    ``facts``, ``text``, ``ms``, ``tokens_in`` and ``tokens_out``. The last arm is the control: the draft, unchanged.
    """
    target, parts = with_fewer_tests(ticket_target("voice", settings), ASKED, settings), Kept(NAME, settings, say)
    items, chat = target.items["test"], load_chat(settings)
    chat.load_adapter(target.adapter, settings.data / "adapters" / target.adapter)
    chat.generate([target.messages(items[0], BASE)], 4)  # the first answer is slower than all others
    rows: Rows = []
    for arm, asked in prompts(target, items, settings).items():
        adapter = target.adapter if arm == TRAINED else None
        rows += parts.rows(arm, lambda arm=arm, asked=asked, adapter=adapter: ask(chat, target, arm, asked, adapter))
    copies = [Completion(item.text, 0, 0, 0.0, 0.0, 0.0) for item in items]
    return rows + [row_of(COPY, item, copy, 0.0) for item, copy in zip(items, copies)]


def prompts(target: Target, items: Sequence[Item], settings: Settings) -> dict[str, list[list[Message]]]:
    """Return by arm the conversations that ask for the items."""
    rules = voice_rules(settings.data / "tickets")
    arms = {f"{count} rules": [_with_rules(target, item, rules[:count]) for item in items] for count in COUNTS}
    vectors = embed([rule["rule"] for rule in rules], settings)  # (rules, size)
    nearest = (-embed([item.text for item in items], settings) @ vectors.T).argsort(axis=1)[:, :RETRIEVED]
    arms[GUIDE] = [_with_rules(target, item, [rules[at] for at in some]) for item, some in zip(items, nearest)]
    arms[TRAINED] = [target.messages(item, SHORT) for item in items]
    return arms


def _with_rules(target: Target, item: Item, rules: Sequence[dict[str, Any]]) -> list[Message]:
    system = f"{target.task}\n{rules_block(rules)}" if rules else target.task
    return [{"role": "system", "content": system}, {"role": "user", "content": item.text}]


def ask(chat: ChatModel, target: Target, arm: str, asked: Sequence[Sequence[Message]], adapter: str | None) -> Rows:
    """Answer the test items in one arm."""
    began = time.perf_counter()
    done = chat.generate(asked, target.max_new_tokens, adapter)
    each = (time.perf_counter() - began) / len(asked)
    return [row_of(arm, item, one, each) for item, one in zip(target.items["test"], done)]


def row_of(arm: str, item: Item, done: Completion, seconds: float) -> dict[str, Any]:
    """Return a rewritten reply as plain JSON values."""
    verdicts = obeyed(done.text)
    return {
        "arm": arm,
        "question": item.id,
        "cluster": item.id,
        "kept": [rule for rule, right in verdicts.items() if right],
        "broken": [rule for rule, right in verdicts.items() if right is False],
        "facts": facts_kept(item.text, done.text),
        "text": done.text,
        "ms": round(1000 * seconds, 1),
        "tokens_in": done.tokens_in,
        "tokens_out": done.tokens_out,
    }


def share_kept(row: dict[str, Any], rules: Sequence[str]) -> float | None:
    """Return the share that a row keeps of some rules; None if none of them has a bearing on it."""
    kept, broken = (sum(rule in row[key] for rule in rules) for key in ("kept", "broken"))
    return kept / (kept + broken) if kept + broken else None
