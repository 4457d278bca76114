"""Retrieved passages stand before the model, and its answer is passed on unchecked."""

from __future__ import annotations

import json

import pytest

from course_lib.assistants.answer import parse_house
from course_lib.assistants.rag import MAX_TOKENS, TOP_K, Rag, messages_for, worked_example
from course_lib.errors import QuestionError
from course_lib.knowledge.chunking import Passage
from course_lib.models.chat import Completion
from course_lib.models.prompts import NOT_TOLD, house_answer, reading_messages
from course_lib.retrieval.base import Hit

PASSAGES = [
    Passage(f"kb-{number:03d}.1", f"kb-{number:03d}", f"Page {number}", "Prices", "plans", f"It costs ${70 + number}.")
    for number in range(1, 6)
]
GOOD = house_answer(["$71"], ["kb-001.1"], "plans")


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


class FakeRetriever:
    """Ranks the passages the same for everybody, one place further on for each question."""

    def __init__(self):
        self.calls = []

    def search(self, questions, k):
        self.calls.append((list(questions), k))
        return [
            [Hit(passage, 1.0 / rank) for rank, passage in enumerate((PASSAGES[start:] + PASSAGES)[:k], 1)]
            for start, _ in enumerate(questions)
        ]


def test_the_best_passages_stand_in_the_prompt_in_order_before_the_question():
    chat = FakeChat(GOOD)
    Rag(chat, FakeRetriever()).answer(["What does it cost?"])
    last = chat.calls[0][0][0][-1]["content"]
    blocks = [f"[{passage.id} {passage.category}] {passage.heading}\n{passage.text}" for passage in PASSAGES[:TOP_K]]
    places = [last.index(block) for block in blocks]
    assert places == sorted(places)
    assert last.endswith("Question: What does it cost?")
    assert PASSAGES[TOP_K].id not in last


@pytest.mark.parametrize("top_k", [1, 2, 5])
def test_as_many_passages_as_wanted_are_asked_for(top_k):
    retriever = FakeRetriever()
    (answer,) = Rag(FakeChat(GOOD), retriever, top_k=top_k).answer(["q"])
    assert retriever.calls == [(["q"], top_k)]
    assert [hit.passage for hit in answer.hits] == PASSAGES[:top_k]


def test_the_untrained_model_is_used():
    chat = FakeChat(GOOD)
    Rag(chat, FakeRetriever()).answer(["q"])
    assert chat.calls[0][1:3] == (MAX_TOKENS, None)


def test_the_worked_examples_show_both_to_answer_and_to_decline_and_can_be_left_out():
    turns = worked_example()
    shown = [parse_house(message["content"]) for message in turns if message["role"] == "assistant"]
    assert [parsed.valid for parsed in shown] == [True] * 4
    assert [parsed.text for parsed in shown] == ["$3", "14 days", NOT_TOLD, "$10"]
    asked = [message["content"] for message in turns if message["role"] == "user"]
    for question, parsed in zip(asked, shown):
        told = parsed.text != NOT_TOLD
        assert all(f"[{name} " in question for name in parsed.citations) and bool(parsed.citations) == told
        assert (parsed.text in question) == told, "the value stands in the passage above it"
    assert messages_for("q", PASSAGES) == [*turns, reading_messages("q", PASSAGES)[1]]
    assert messages_for("q", PASSAGES, example=False) == reading_messages("q", PASSAGES)
    chat = FakeChat(GOOD)
    Rag(chat, FakeRetriever(), example=False).answer(["q"])
    assert [message["role"] for message in chat.calls[0][0][0]] == ["system", "user"]


def test_the_record_is_complete():
    chat = FakeChat(GOOD)
    (answer,) = Rag(chat, FakeRetriever()).answer([" What does it cost? "])
    assert (answer.assistant, answer.question) == ("rag", "What does it cost?")
    assert [hit.score for hit in answer.hits] == [1.0, 1 / 2, 1 / 3][:TOP_K]
    assert answer.prompt == json.dumps(chat.calls[0][0][0])
    assert (answer.raw, answer.parsed) == (GOOD, parse_house(GOOD))
    assert (answer.confidence, answer.tokens_in, answer.tokens_out) == (-0.25, 100, 10)
    assert set(answer.seconds) == {"retrieve", "generate"} and answer.seconds["generate"] == 0.5
    assert answer.seconds["retrieve"] >= 0 and answer.verdicts == {}


def test_each_question_keeps_its_own_passages_and_answer():
    chat = FakeChat("one", "two [kb-002.1]", GOOD)
    answers = Rag(chat, FakeRetriever(), top_k=1).answer(["a", "b", "c"])
    assert [(answer.question, answer.hits[0].passage.id, answer.parsed.text) for answer in answers] == [
        ("a", "kb-001.1", "one"),
        ("b", "kb-002.1", "two"),
        ("c", "kb-003.1", "$71"),
    ]
    assert all(answer.hits[0].passage.text in answer.prompt for answer in answers)
    assert len(chat.calls) == 1


def test_what_the_model_says_is_not_checked():
    (answer,) = Rag(FakeChat("It is $999 [kb-777.7]."), FakeRetriever()).answer(["q"])
    assert (answer.parsed.text, answer.parsed.citations, answer.parsed.valid) == ("It is $999.", ("kb-777.7",), False)


def test_given_passages_take_the_place_of_retrieved_ones():
    chat, retriever = FakeChat(GOOD, GOOD), FakeRetriever()
    answers = Rag(chat, retriever).answer_from(["a", "b"], [[Hit(PASSAGES[4], 1.0)], []], retrieve_seconds=0.25)
    assert retriever.calls == []
    assert PASSAGES[4].text in answers[0].prompt and PASSAGES[4].text not in answers[1].prompt
    assert [len(answer.hits) for answer in answers] == [1, 0]
    assert [answer.seconds["retrieve"] for answer in answers] == [0.25, 0.25]


def test_bad_questions_reach_neither_retriever_nor_model_and_none_is_no_error():
    chat, retriever = FakeChat(GOOD), FakeRetriever()
    with pytest.raises(QuestionError, match="Question 1 is empty"):
        Rag(chat, retriever).answer([""])
    assert chat.calls == retriever.calls == []
    assert Rag(chat, retriever).answer([]) == []


def test_progress_is_passed_on():
    chat, lines = FakeChat(GOOD), []
    Rag(chat, FakeRetriever()).answer(["q"], lines.append)
    assert chat.calls[0][3] == lines.append
