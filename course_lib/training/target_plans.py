"""How the adapters of the ticket targets are trained: one stage each, on the short prompt."""

from __future__ import annotations

from functools import partial

from course_lib.settings import Settings
from course_lib.training.examples import Message
from course_lib.training.lora import Recipe
from course_lib.training.stages import Plan, Stage
from course_lib.training.targets import conversations
from course_lib.training.ticket_targets import ticket_target

RECIPES = {  # one conversation of a few items a step
    "routing": Recipe(learning_rate=1.2e-3, epochs=6, batch_size=1, first_layer=10),
    "voice": Recipe(learning_rate=1.2e-3, epochs=4, batch_size=1, first_layer=10),
    "workflow": Recipe(learning_rate=1.2e-3, epochs=6, batch_size=1, first_layer=10),
    "records": Recipe(learning_rate=1.2e-3, epochs=4, batch_size=1, first_layer=10),
}


def target_conversations(name: str, settings: Settings) -> list[list[Message]]:
    """Return the training conversations of a target: all its train items."""
    target = ticket_target(name, settings)
    return conversations(target.short, target.items["train"], settings.seed)


def _plan(name: str, purpose: str, minutes: float) -> Plan:
    return Plan(purpose, (Stage(partial(target_conversations, name), RECIPES[name], minutes),))


TARGET_PLANS = {
    "routing": _plan("routing", "sorts a customer's message into one of the categories", 6),
    "voice": _plan("voice", "rewrites a reply in the company's voice", 6),
    "workflow": _plan("workflow", "chooses a workflow and fills in its arguments", 5),
    "records": _plan("records", "brings a messy record into the normal form", 7),
}
