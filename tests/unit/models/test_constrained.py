"""Constrained decoding on a tiny random model: whatever it would have said, it can only say what the grammar allows."""

from __future__ import annotations

import json

import pytest
import torch
from peft import LoraConfig, get_peft_model

from course_lib.errors import DataError
from course_lib.models.batching import READ_TOGETHER
from course_lib.models.chat import ChatModel
from course_lib.models.constrained import choice_grammar, constrained, json_grammar, pattern_grammar
from course_lib.training.lora import save_adapter
from tests.unit.tiny_model import tiny

pytestmark = pytest.mark.usefixtures("one_thread")
LABELS = ("billing", "billing dispute", "app-technical", "no-action")
SCHEMA = {
    "type": "object",
    "properties": {"kind": {"enum": ["pause", "cancel"]}, "days": {"type": "integer", "minimum": 1, "maximum": 30}},
    "required": ["kind", "days"],
    "additionalProperties": False,
}
INSTRUCTION = {"role": "system", "content": "Sort what the customer says into one of the categories below. " * 4}
TALKS = [
    [INSTRUCTION, {"role": "user", "content": text}]
    for text in ("Where is my bike?", "Hi", "I was charged twice for the same month, and nobody answers.", "Bye", "?")
]


@pytest.fixture
def chat(tokenizer):
    return ChatModel(tiny(tokenizer), tokenizer, batch_size=3)


def texts(completions):
    return [completion.text for completion in completions]


def test_a_choice_is_always_one_of_the_options_and_more_than_one_of_them_comes_up(chat):
    free = texts(chat.generate(TALKS, 12))
    bound = texts(constrained(chat, choice_grammar(LABELS)).generate(TALKS, 12))
    assert not set(free) & set(LABELS), "without the grammar, a random model says anything"
    assert set(bound) <= set(LABELS) and len(set(bound)) > 1


def test_an_object_is_written_as_the_examples_are_with_its_keys_in_order(chat):
    for text in texts(constrained(chat, json_grammar(SCHEMA)).generate(TALKS, 40)):
        value = json.loads(text)
        assert list(value) == ["kind", "days"] and text == json.dumps(value)
        assert value["kind"] in ("pause", "cancel") and 1 <= value["days"] <= 30


def test_a_pattern_binds_the_whole_text(chat):
    for text in texts(constrained(chat, pattern_grammar("[a-c]{2,4} end")).generate(TALKS, 12)):
        assert text.endswith(" end") and set(text[:-4]) <= set("abc") and 2 <= len(text[:-4]) <= 4


def test_the_text_does_not_depend_on_who_else_is_asked(chat):
    bound = constrained(chat, json_grammar(SCHEMA))
    assert texts(bound.generate(TALKS, 40)) == [bound.generate([talk], 40)[0].text for talk in TALKS]


def test_some_end_early_and_leave_and_the_rest_stay_bound(chat, tokenizer):
    talks = [TALKS[at % len(TALKS)] for at in range(READ_TOGETHER + 3)]
    bound = constrained(ChatModel(chat.model, tokenizer, batch_size=len(talks)), choice_grammar(LABELS))
    rows = []
    hook = chat.model.lm_head.register_forward_hook(lambda module, inputs, logits: rows.append(len(logits)))
    done = bound.generate(talks, 12)
    hook.remove()
    assert texts(done) == [bound.generate([talk], 12)[0].text for talk in talks] and set(texts(done)) <= set(LABELS)
    assert rows[-1] < len(talks), "some have left"


def test_the_model_itself_stays_free(chat):
    before = texts(chat.generate(TALKS, 8))
    constrained(chat, choice_grammar(LABELS)).generate(TALKS, 8)
    assert texts(chat.generate(TALKS, 8)) == before


def test_certainty_is_about_the_tokens_that_were_left_to_choose_from(chat):
    (only,) = constrained(chat, choice_grammar(["pause"])).generate(TALKS[:1], 8)
    assert only.text == "pause" and only.tokens_out >= 2
    (sure,) = constrained(chat, choice_grammar(["zebra"])).generate(TALKS[:1], 8)
    assert sure.text == "zebra" and sure.min_logprob <= 0


def test_an_adapter_is_bound_too_and_the_base_is_still_there(tokenizer, tmp_path):
    adapted = get_peft_model(tiny(tokenizer), LoraConfig(task_type="CAUSAL_LM", r=2, target_modules="all-linear"))
    torch.manual_seed(1)
    for parameter in adapted.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter, std=0.5)
    save_adapter(adapted, tmp_path, "tiny")
    chat = ChatModel(tiny(tokenizer), tokenizer)
    bare = texts(constrained(chat, json_grammar(SCHEMA)).generate(TALKS, 40))
    chat.load_adapter("new", tmp_path)
    bound = constrained(chat, json_grammar(SCHEMA))
    tuned = texts(bound.generate(TALKS, 40, adapter="new"))
    assert texts(bound.generate(TALKS, 40)) == bare and tuned != bare
    assert all(json.loads(text)["kind"] in ("pause", "cancel") for text in tuned)


def test_a_schema_that_is_none_is_an_error_before_anything_is_generated(chat):
    with pytest.raises(DataError, match="grammar cannot be used"):
        constrained(chat, json_grammar({"type": "nonsense"}))


@pytest.mark.parametrize("options", [[], ["one", ""]])
def test_a_choice_needs_options(options):
    with pytest.raises(DataError, match="options"):
        choice_grammar(options)
