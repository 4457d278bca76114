"""Behavior of turning conversations into token ids and labels, with the real tokenizer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.errors import DataError
from course_lib.training.examples import IGNORE, Encoded, encode

END = "<|im_end|>"
TALK = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": "Question: How much is Classic?"},
    {"role": "assistant", "content": '{"citations": ["kb-001.1"], "answer": "$74"}'},
    {"role": "user", "content": "Question: And Plus?"},
    {"role": "assistant", "content": "$99"},
]


def spans(example: Encoded) -> list[list[int]]:
    """Return the runs of labeled tokens."""
    found, fresh = [], True
    for label in example.labels:
        if label == IGNORE:
            fresh = True
        elif fresh:
            found.append([label])
            fresh = False
        else:
            found[-1].append(label)
    return found


def learned(tokenizer, messages) -> list[str]:
    return [tokenizer.decode(span) for span in spans(encode(tokenizer, messages))]


def test_every_assistant_turn_is_learned_up_to_and_with_its_end_mark(tokenizer):
    assert learned(tokenizer, TALK) == [f'{{"citations": ["kb-001.1"], "answer": "$74"}}{END}', f"$99{END}"]


def test_nothing_but_the_assistant_is_learned(tokenizer):
    example = encode(tokenizer, TALK)
    silent = tokenizer.decode([token for token, label in zip(example.input_ids, example.labels) if label == IGNORE])
    assert silent.count("<|im_start|>assistant\n") == 2, "the words that open a turn are given, not learned"
    assert "Answer briefly." in silent and "And Plus?" in silent
    assert "$74" not in silent and "$99" not in silent
    assert silent.endswith("\n"), "the line end after the last end mark is not learned"


def test_labels_stand_under_their_own_tokens(tokenizer):
    example = encode(tokenizer, TALK)
    assert len(example.labels) == len(example.input_ids)
    assert all(label in (IGNORE, token) for token, label in zip(example.input_ids, example.labels))


def test_ids_are_those_of_the_chat_template(tokenizer):
    text = tokenizer.apply_chat_template(TALK, tokenize=False)
    assert encode(tokenizer, TALK).input_ids == tokenizer(text, add_special_tokens=False)["input_ids"]


def test_the_prompt_is_what_the_model_sees_when_it_answers(tokenizer):
    example = encode(tokenizer, TALK)
    prompt = tokenizer.apply_chat_template(TALK[:2], tokenize=False, add_generation_prompt=True)
    ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    first = next(position for position, label in enumerate(example.labels) if label != IGNORE)
    assert example.input_ids[:first] == ids


def test_the_default_system_words_of_the_template_are_not_learned(tokenizer):
    assert learned(tokenizer, TALK[1:3]) == [TALK[2]["content"] + END]
    assert "You are a helpful AI assistant" in tokenizer.decode(encode(tokenizer, TALK[1:3]).input_ids)


def test_a_conversation_that_ends_with_the_customer_learns_the_turns_before(tokenizer):
    assert learned(tokenizer, TALK[:4]) == [TALK[2]["content"] + END]


def test_two_assistant_turns_in_a_row_are_both_learned(tokenizer):
    talk = [*TALK[:3], {"role": "assistant", "content": "More."}]
    assert learned(tokenizer, talk) == [TALK[2]["content"] + END, f"More.{END}"]


def test_an_empty_answer_learns_the_end_mark_only(tokenizer):
    assert learned(tokenizer, [TALK[1], {"role": "assistant", "content": ""}]) == [END]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1).map(
            lambda text: text.replace("<|", "<")
        ),
        min_size=1,
        max_size=4,
    ),
    st.text(max_size=20),
)
def test_any_answers_come_back_from_the_labels(tokenizer, answers, question):
    talk = []
    for answer in answers:
        talk += [{"role": "user", "content": question.replace("<|", "<")}, {"role": "assistant", "content": answer}]
    assert learned(tokenizer, talk) == [answer + END for answer in answers]


@pytest.mark.parametrize("answer", ["\n", "\n\nTwo lines down", " leading blank", "\ttab", "ends in a line\n"])
def test_white_space_at_the_edges_is_learned_as_it_is_or_refused(tokenizer, answer):
    """A line end may melt into the one before it; then no cut between prompt and answer is right."""
    try:
        assert learned(tokenizer, [TALK[1], {"role": "assistant", "content": answer}]) == [answer + END]
    except DataError as error:
        assert "do not start the example's tokens" in error.cause


@pytest.mark.parametrize("messages", [TALK[:2], TALK[:1], TALK[3:4]])
def test_a_conversation_without_an_assistant_is_refused(tokenizer, messages):
    with pytest.raises(DataError, match="no assistant turn"):
        encode(tokenizer, messages)


def test_a_conversation_may_have_exactly_the_tokens_allowed_and_no_more(tokenizer):
    size = len(encode(tokenizer, TALK).input_ids)
    assert len(encode(tokenizer, TALK, max_tokens=size).input_ids) == size
    with pytest.raises(DataError, match=f"has {size} tokens; {size - 1} are allowed"):
        encode(tokenizer, TALK, max_tokens=size - 1)


def test_a_template_that_rewrites_earlier_turns_is_refused(tokenizer):
    class Rewriting:
        eos_token_id = tokenizer.eos_token_id

        def apply_chat_template(self, messages, **options):
            return f"{len(messages)} turns\n" + tokenizer.apply_chat_template(messages, **options)

        def __call__(self, text, **options):
            return tokenizer(text, **options)

    with pytest.raises(DataError, match="do not start the example's tokens") as caught:
        encode(Rewriting(), TALK)
    assert "chat template" in caught.value.remedy
