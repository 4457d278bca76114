"""One protocol for all five targets of notebook 05: the same arms, the same rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from course_lib.evaluation.target_scores import Verdict, score
from course_lib.experiments.resume import Kept, Rows
from course_lib.models.batching import Completion
from course_lib.models.chat import ChatModel, load_chat
from course_lib.models.constrained import choice_grammar, constrained, json_grammar, pattern_grammar
from course_lib.settings import Settings
from course_lib.training.targets import BASE, CHOICE, FEW_SHOT, JSON, SHORT, STRONG, Form, Item, Target

Say = Callable[[str], None]
ARMS = {  # prompt, with the adapter, constrained
    "base": (BASE, False, False),
    "strong prompt": (STRONG, False, False),
    "few-shot": (FEW_SHOT, False, False),
    "base, constrained": (BASE, False, True),
    "few-shot, constrained": (FEW_SHOT, False, True),
    "LoRA": (SHORT, True, False),
    "LoRA, constrained": (SHORT, True, True),
}


def adapter_files(name: str) -> tuple[str, str]:
    """Return the files of a shipped adapter, as paths from the course's folder."""
    return tuple(f"data/adapters/{name}/{file}" for file in ("adapter_config.json", "adapter_model.safetensors"))


def grammar_of(form: Form) -> str:
    """Return the grammar that enforces a form."""
    return {JSON: json_grammar, CHOICE: choice_grammar}.get(form.kind, pattern_grammar)(form.value)


def compare_arms(name: str, target: Target, settings: Settings, say: Say) -> Rows:
    """Answer the test items of a target in every arm.

    Args:
        name: name of the experiment; arms that are done are kept under it.
        target: what is asked.
        settings: paths and seed.
        say: called with progress lines.

    Returns:
        A row for each arm and item: see :func:`row_of`.
    """
    kept, chat = Kept(name, settings, say), load_chat(settings)
    chat.load_adapter(target.adapter, settings.data / "adapters" / target.adapter)
    items = target.items["test"]
    chat.generate([target.messages(items[0], BASE)], 4)  # the first answer is slower than all others
    return [row for arm in ARMS for row in kept.rows(arm, lambda arm=arm: ask_arm(chat, target, arm, items, settings))]


def ask_arm(chat: ChatModel, target: Target, arm: str, items: Sequence[Item], settings: Settings) -> Rows:
    """Answer items in one arm, and return a row for each."""
    prompt, tuned, bound = ARMS[arm]
    speaker = constrained(chat, grammar_of(target.form)) if bound else chat
    asked = [target.messages(item, prompt, settings.seed) for item in items]
    began = time.perf_counter()
    done = speaker.generate(asked, target.max_new_tokens, target.adapter if tuned else None)
    each = (time.perf_counter() - began) / len(items)
    return [row_of(arm, item, score(target, item, one.text), one, each) for item, one in zip(items, done)]


def row_of(arm: str, item: Item, verdict: Verdict, done: Completion, seconds: float) -> dict:
    """Return an answer as plain JSON values.

    ``valid``, ``exact`` and ``share`` are the verdict; ``wrong`` names the fields that are wrong; ``label`` and
    ``gold`` are what it was read as and what it should be, where there are groups; ``ms`` is the time of the whole
    arm divided by its items, in batches; ``tokens_in`` counts the whole prompt.
    """
    return {
        "arm": arm,
        "question": item.id,
        "cluster": item.id,
        "valid": verdict.valid,
        "exact": verdict.exact,
        "share": round(verdict.share, 4),
        "wrong": [name for name, right in verdict.fields.items() if right is False],
        "label": verdict.label,
        "gold": item.group,
        "text": done.text,
        "ms": round(1000 * seconds, 1),
        "tokens_in": done.tokens_in,
        "tokens_out": done.tokens_out,
    }
