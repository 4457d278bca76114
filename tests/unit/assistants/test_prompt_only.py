"""Assistants without documents: what they put before the model, and the record they keep."""

from __future__ import annotations

import json

import pytest

from course_lib.assistants import fine_tuned, prompt_only
from course_lib.assistants.fine_tuned import FineTuned
from course_lib.assistants.parsing import parse_house
from course_lib.assistants.prompt_only import PromptOnly
from course_lib.errors import QuestionError
from course_lib.models.chat import Completion
from course_lib.models.prompts import CLOSED_BOOK_SYSTEM, NOT_TOLD, house_answer

GOOD = house_answer(["$74"], ["kb-001.1"], "plans")


class FakeChat:
    """Returns canned texts in order and remembers what it was asked."""

    def __init__(self, *texts):
        self.texts, self.calls = list(texts), []

    def render(self, messages):
        return json.dumps(list(messages))

    def generate(self, conversations, max_new_tokens=64, adapter=None, say=None):
        self.calls.append((conversations, max_new_tokens, adapter, say))
        return [
            Completion(text, 100 + index, 10 + index, 0.5, -0.1, -0.25)
            for index, (_, text) in enumerate(zip(conversations, self.texts))
        ]


ASSISTANTS = [(PromptOnly, None, prompt_only), (FineTuned, "closed_book", fine_tuned)]


@pytest.mark.parametrize(("kind", "adapter", "module"), ASSISTANTS)
def test_the_prompt_is_the_instruction_and_the_question_and_no_document(kind, adapter, module):
    chat = FakeChat(GOOD)
    (answer,) = kind(chat).answer(["  What does Classic cost? "])
    ((conversations, max_new_tokens, used, _),) = chat.calls
    assert conversations == [module.messages_for("What does Classic cost?")]
    assert conversations[0][0]["role"] == "system"
    assert conversations[0][-1] == {"role": "user", "content": "Question: What does Classic cost?"}
    assert "$74" not in str(conversations) and answer.hits == ()
    assert (used, max_new_tokens) == (adapter, module.MAX_TOKENS)


@pytest.mark.parametrize(("kind", "adapter", "module"), ASSISTANTS)
def test_the_record_is_complete(kind, adapter, module):
    (answer,) = kind(FakeChat(GOOD)).answer(["What does Classic cost?"])
    assert (answer.assistant, answer.question) == (kind.name, "What does Classic cost?")
    assert answer.prompt == json.dumps(module.messages_for("What does Classic cost?"))
    assert (answer.raw, answer.parsed) == (GOOD, parse_house(GOOD))
    assert (answer.confidence, answer.tokens_in, answer.tokens_out) == (-0.25, 100, 10)
    assert answer.seconds == {"generate": 0.5}
    assert answer.verdicts == {}, "nothing validates this assistant"


@pytest.mark.parametrize(("kind", "adapter", "module"), ASSISTANTS)
def test_each_question_keeps_its_own_answer(kind, adapter, module):
    chat = FakeChat("one", GOOD, "I don't know.")
    answers = kind(chat).answer(["a", "b", "c"])
    assert [answer.question for answer in answers] == ["a", "b", "c"]
    assert [answer.parsed.text for answer in answers] == ["one", "$74", "I don't know."]
    assert [answer.parsed.valid for answer in answers] == [False, True, False]
    assert [answer.abstained for answer in answers] == [False, False, True]
    assert [answer.tokens_in for answer in answers] == [100, 101, 102]
    assert len(chat.calls) == 1, "asked in one go, so that the model can batch"


@pytest.mark.parametrize(("kind", "adapter", "module"), ASSISTANTS)
def test_progress_is_passed_on_and_bad_questions_never_reach_the_model(kind, adapter, module):
    chat, lines = FakeChat(GOOD), []
    kind(chat).answer(["a"], lines.append)
    assert chat.calls[0][3] == lines.append
    with pytest.raises(QuestionError, match="Question 2"):
        kind(chat).answer(["a", " "])
    assert len(chat.calls) == 1


def test_the_base_model_is_shown_the_format_and_how_to_decline_with_examples_in_the_house_format():
    messages = prompt_only.messages_for("q")
    shown = [parse_house(message["content"]) for message in messages if message["role"] == "assistant"]
    assert [parsed.valid for parsed in shown] == [True, True]
    assert shown[0].text == "7 days" and shown[1].text == NOT_TOLD
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user", "assistant", "user"]


def test_the_trained_model_is_asked_as_in_training_and_by_the_adapter_it_is_given():
    chat = FakeChat(GOOD)
    FineTuned(chat, adapter="retrained").answer(["q"])
    assert chat.calls[0][2] == "retrained"
    assert fine_tuned.messages_for("q")[0] == {"role": "system", "content": CLOSED_BOOK_SYSTEM}
