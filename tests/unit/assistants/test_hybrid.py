"""The hybrid speaks only what passes its checks; all else becomes a well-formed "not in the documents"."""

from __future__ import annotations

import json

import pytest

from course_lib.assistants.answer import abstention, parse_house
from course_lib.assistants.hybrid import LEAST_CONFIDENCE, MAX_TOKENS, TOP_K, Hybrid, before_validation
from course_lib.errors import QuestionError
from course_lib.knowledge.chunking import Passage
from course_lib.models.chat import Completion
from course_lib.models.prompts import house_answer, reading_messages
from course_lib.retrieval.base import Hit

PASSAGES = [
    Passage(f"kb-{number:03d}.1", f"kb-{number:03d}", f"Page {number}", "Prices", "plans", f"It costs ${70 + number}.")
    for number in range(1, 7)
]
GOOD = house_answer(["$71"], ["kb-001.1"], "plans")
SURE = LEAST_CONFIDENCE + 0.01


class FakeChat:
    """Returns canned texts in order, as sure as it is told to be, and remembers what it was asked."""

    def __init__(self, *texts, confidence=SURE):
        self.texts, self.confidence, self.calls = list(texts), confidence, []

    def render(self, messages):
        return json.dumps(list(messages))

    def generate(self, conversations, max_new_tokens=64, adapter=None, say=None):
        self.calls.append((conversations, max_new_tokens, adapter, say))
        return [
            Completion(text, 100 + index, 10 + index, 0.5, -0.1, self.confidence)
            for index, (_, text) in enumerate(zip(conversations, self.texts))
        ]


class FakeRetriever:
    def __init__(self):
        self.calls = []

    def search(self, questions, k):
        self.calls.append((list(questions), k))
        return [[Hit(passage, 1.0 / rank) for rank, passage in enumerate(PASSAGES[:k], 1)] for _ in questions]


def ask(raw, **options):
    chat = FakeChat(raw, confidence=options.pop("confidence", SURE))
    return Hybrid(chat, FakeRetriever(), **options).answer(["What does it cost?"])[0]


def failed(answer):
    return [name for name, passed in answer.verdicts.items() if not passed]


def test_the_model_reads_the_passages_with_the_adapter_it_was_trained_with():
    chat, retriever = FakeChat(GOOD), FakeRetriever()
    Hybrid(chat, retriever).answer([" What does it cost? "])
    assert retriever.calls == [(["What does it cost?"], TOP_K)]
    assert chat.calls[0][0] == [reading_messages("What does it cost?", PASSAGES[:TOP_K])]
    assert chat.calls[0][1:3] == (MAX_TOKENS, "reading")
    assert all(passage.text in chat.calls[0][0][0][1]["content"] for passage in PASSAGES[:TOP_K])
    Hybrid(chat, retriever, adapter="weak", top_k=2).answer(["q"])
    assert chat.calls[1][2] == "weak" and retriever.calls[1] == (["q"], 2)


def test_an_answer_that_passes_every_check_is_spoken_as_it_is():
    answer = ask(GOOD)
    assert failed(answer) == [] and set(answer.verdicts) == {"format", "cites", "grounded", "fits", "confident"}
    assert answer.parsed == parse_house(GOOD) and not answer.abstained


@pytest.mark.parametrize(
    ("raw", "reasons"),
    [
        (house_answer(["$999"], ["kb-001.1"], "plans"), ["grounded"]),  # in no passage
        (house_answer(["$71", "$999"], ["kb-001.1"], "plans"), ["grounded"]),  # one of two
        (house_answer(["$999"], ["kb-777.7"], "plans"), ["cites", "grounded"]),
        (house_answer(["$76"], ["kb-006.1"], "plans"), ["cites", "grounded"]),  # a real passage that was not shown
        (house_answer(["$999"], [], "plans"), ["cites", "grounded"]),
        (GOOD + " I hope this helps.", ["format"]),
        (GOOD[:-1], ["format"]),
        (GOOD.replace("plans", "food"), ["format"]),
        ("", ["format"]),
        ("I do not know.", ["format"]),
        (house_answer([], ["kb-001.1"], ""), ["cites"]),  # declines, but cites
    ],
)
def test_an_answer_that_fails_a_check_becomes_a_well_formed_abstention(raw, reasons):
    answer = ask(raw)
    assert answer.parsed == abstention() and answer.parsed.valid and answer.abstained
    assert failed(answer) == reasons
    assert answer.raw == raw, "the record keeps what the model wrote"


@pytest.mark.parametrize("cited", [["kb-001.1"], ["kb-001.1", "kb-777.7"], ["kb-777.7"], []])
def test_a_wrong_citation_of_a_value_that_was_shown_is_mended(cited):
    raw = house_answer(["$72"], cited, "plans")
    answer = ask(raw)
    assert failed(answer) == [] and answer.raw == raw
    assert (answer.parsed.text, answer.parsed.citations) == ("$72", ("kb-002.1",))
    assert before_validation(answer).parsed.citations == tuple(cited), "the record keeps what the model cited"


def test_each_check_can_fail_alone():
    assert failed(ask(house_answer(["$999"], ["kb-001.1"], "plans"))) == ["grounded"]
    assert failed(ask(house_answer([], ["kb-001.1"], ""))) == ["cites"]
    assert failed(ask(GOOD[:-1])) == ["format"]
    assert failed(ask(GOOD, confidence=LEAST_CONFIDENCE - 0.01)) == ["confident"]


def test_an_answer_the_model_is_unsure_of_is_withheld():
    answer = ask(GOOD, confidence=LEAST_CONFIDENCE - 0.01)
    assert answer.parsed == abstention() and answer.confidence == LEAST_CONFIDENCE - 0.01
    assert not ask(GOOD, confidence=LEAST_CONFIDENCE).abstained, "the threshold itself is enough"
    assert ask(GOOD, confidence=-0.3, least_confidence=-0.2).abstained
    assert not ask(GOOD, confidence=-9.0, least_confidence=-10.0).abstained


def test_a_well_formed_refusal_passes_the_checks():
    answer = ask(house_answer([], [], ""))
    assert failed(answer) == [] and answer.parsed == abstention()


def test_the_record_is_complete():
    chat = FakeChat(GOOD)
    (answer,) = Hybrid(chat, FakeRetriever()).answer(["What does it cost?"])
    assert (answer.assistant, answer.question, answer.raw) == ("hybrid", "What does it cost?", GOOD)
    assert [hit.passage for hit in answer.hits] == PASSAGES[:TOP_K]
    assert answer.prompt == json.dumps(chat.calls[0][0][0])
    assert (answer.confidence, answer.tokens_in, answer.tokens_out) == (SURE, 100, 10)
    assert set(answer.seconds) == {"retrieve", "generate", "validate"}
    assert answer.seconds["generate"] == 0.5 and min(answer.seconds.values()) >= 0


def test_one_bad_answer_does_not_touch_the_others():
    answers = Hybrid(FakeChat(GOOD, "nonsense", GOOD), FakeRetriever()).answer(["a", "b", "c"])
    assert [(answer.question, answer.parsed.text) for answer in answers] == [
        ("a", "$71"),
        ("b", abstention().text),
        ("c", "$71"),
    ]


def test_the_record_can_be_shown_as_it_would_be_without_validation():
    answer = ask(house_answer(["$999"], ["kb-001.1"], "plans"))
    bare = before_validation(answer)
    assert (bare.parsed.text, bare.abstained) == ("$999", False)
    assert answer.parsed == abstention() and bare.raw == answer.raw and bare.hits == answer.hits


def test_given_passages_take_the_place_of_retrieved_ones():
    chat, retriever = FakeChat(GOOD, GOOD), FakeRetriever()
    found = [[Hit(PASSAGES[0], 1.0)], [Hit(PASSAGES[1], 1.0)]]
    right, wrong = Hybrid(chat, retriever).answer_from(["a", "b"], found, 0.25)
    assert retriever.calls == []
    assert right.parsed.text == "$71" and right.seconds["retrieve"] == 0.25
    assert wrong.abstained, "what it cites was not shown this time"


def test_bad_questions_reach_neither_retriever_nor_model_and_none_is_no_error():
    chat, retriever = FakeChat(GOOD), FakeRetriever()
    with pytest.raises(QuestionError, match="Question 1 has 50,000"):
        Hybrid(chat, retriever).answer(["x" * 50_000])
    assert chat.calls == retriever.calls == []
    assert Hybrid(chat, retriever).answer([]) == []


def test_progress_is_passed_on():
    chat, lines = FakeChat(GOOD), []
    Hybrid(chat, FakeRetriever()).answer(["q"], lines.append)
    assert chat.calls[0][3] == lines.append
