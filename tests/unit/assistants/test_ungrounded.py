"""The grounding can be taken out of a prompt, and it stands where it can be taken out."""

from __future__ import annotations

import json

import pytest

from course_lib.assistants.rag import messages_for
from course_lib.assistants.ungrounded import FREE, Ungrounded, without_grounding
from course_lib.knowledge.chunking import Passage
from course_lib.models.prompts import HOUSE_SYSTEM, NOT_TOLD

PASSAGE = Passage("kb-001.1", "kb-001", "Bells", "", "orders", "A bell costs $9.")


class FakeChat:
    def __init__(self):
        self.calls = []

    def render(self, messages):
        return json.dumps(list(messages))

    def generate(self, conversations, max_new_tokens=64, adapter=None, say=None):
        self.calls.append((conversations, max_new_tokens, adapter, say))
        return ["done"] * len(conversations)


def test_sentences_about_passages_and_citing_go_and_the_others_stay():
    system = 'Be brief. Use the passages only. Reply in JSON: {"a": 1}. If the documents do not tell, say "no". Thanks!'
    assert without_grounding(system) == f'{FREE} Be brief. Reply in JSON: {{"a": 1}}. Thanks!'


def test_what_is_left_of_the_house_prompt_speaks_of_the_format_alone():
    left = without_grounding(HOUSE_SYSTEM)
    assert left.startswith(FREE) and "JSON" in left and "needs_human" in left
    assert "passage" not in left and "not in the documents" not in left


def test_a_prompt_without_grounding_is_an_error_since_the_experiment_would_compare_nothing():
    with pytest.raises(ValueError, match="no grounding"):
        without_grounding("Answer in JSON.")


@pytest.mark.parametrize("example", [True, False])
def test_the_instruction_of_the_rag_prompt_stands_in_its_system_message_alone(example):
    first, *others = messages_for("What does a bell cost?", [PASSAGE], example=example)
    assert first["role"] == "system" and without_grounding(first["content"])
    told = [message["content"] for message in others if message["role"] != "assistant"]
    assert not any(NOT_TOLD in text or "Answer the" in text for text in told)


def test_the_wrapped_model_gets_the_same_conversation_but_for_the_system_message():
    chat, messages = FakeChat(), messages_for("What does a bell cost?", [PASSAGE])
    assert Ungrounded(chat).generate([messages], 72, None, print) == ["done"]
    assert Ungrounded(chat).generate([messages], adapter="reading") == ["done"]
    assert chat.calls[1][1:] == (64, "reading", None), "what is not said is left to the chat model"
    ((given,), *options) = chat.calls[0]
    assert options == [72, None, print] and given[1:] == messages[1:]
    assert given[0]["content"] == without_grounding(messages[0]["content"]) != messages[0]["content"]
    assert Ungrounded(chat).render(messages) == chat.render(given)
