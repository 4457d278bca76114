"""The prompt experiment asks every variant, and its rows can be read back as shares, examples and verdicts."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from course_lib.evaluation.gold import load_questions
from course_lib.experiments import nb01_prompts, nb01_shared
from course_lib.knowledge.chunking import Passage
from course_lib.models.chat import Completion
from course_lib.models.prompts import house_answer
from course_lib.retrieval.base import Hit
from course_lib.settings import ROOT, Settings

PASSAGE = Passage("kb-001.1", "kb-001", "Classic", "", "plans", "Classic costs $74 per month.")
VARIANTS = {"question", "instruction", "examples", "base", "trained"}


class FakeChat:
    """Answers everything with a made-up price, and keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def render(self, messages):
        return " ".join(message["content"] for message in messages)

    def generate(self, conversations, max_new_tokens=64, adapter=None, say=None):
        self.asked.append((adapter, conversations))
        if say:
            say("done")
        raw = house_answer(["$987.65"], ["kb-001.1"], "plans")
        return [Completion(raw, 10, 5, 0.1, -0.1, -9.0) for _ in conversations]


class FakeRetriever:
    def search(self, questions, k):
        return [[Hit(PASSAGE, 1.0)] * min(k, 1) for _ in questions]


@pytest.fixture
def chat(monkeypatch):
    chat = FakeChat()
    team = SimpleNamespace(chat=chat, retriever=FakeRetriever(), passages=[PASSAGE])
    monkeypatch.setattr(nb01_prompts, "build_team", lambda settings: team)
    return chat


@pytest.fixture
def rows(chat):
    return nb01_prompts.run(Settings(), lambda text: None)


def test_every_variant_is_asked_on_its_slice_of_the_test_set(rows):
    questions = [question.id for question in load_questions(ROOT / "data", "test")]
    asked = {variant: [row["question"] for row in rows if row["variant"] == variant] for variant in VARIANTS}
    assert asked["question"] == asked["instruction"] == asked["examples"] == questions[::4]
    assert asked["base"] == asked["trained"] == questions[::3]
    assert len(rows) == sum(map(len, asked.values())) <= 350


def test_the_prompts_grow_from_the_bare_question_and_only_the_trained_variant_has_an_adapter(chat, rows):
    (_, bare), (_, told), (_, shown), (base, plain), (trained, _) = chat.asked
    assert [len(conversations[0]) for conversations in (bare, told, shown, plain)] == [1, 2, 6, 2]
    assert "$74" not in chat.render(shown[0]) and "$74" in chat.render(plain[0])
    assert base is None and trained == "reading"


def test_a_made_up_value_is_noted_with_its_type_and_the_checks_do_not_replace_it(rows):
    assert all(row["makes up"] and row["invented"] == [["money", "$987.65"]] for row in rows)
    assert not any(row["right"] or row["declines"] for row in rows)
    assert all(row["agreed form"] and row["text"] == "$987.65" for row in rows)


def row(variant: str, question: str, **change) -> dict:
    base = {"variant": variant, "question": question, "cluster": question, "raw": "x", "text": "It is $5."}
    flags = {"right": True, "declines": False, "agreed form": True, "makes up": False, "invented": []}
    return base | flags | change


def test_shares_are_taken_by_prompt():
    some = [row(variant, name) for variant in nb01_prompts.PROMPTS for name in ("q1", "q2")]
    some[0]["makes up"] = True
    shares = {(share.assistant, share.metric): share for share in nb01_shared.prompt_shares(some)}
    assert len(shares) == len(nb01_prompts.PROMPTS) * len(nb01_shared.SCORES)
    assert shares["question", "makes up"].value == 0.5 and shares["question", "makes up"].n == 2
    assert shares["examples", "makes up"].value == 0 and shares["examples", "right"].value == 1


def test_examples_count_answers_by_type_and_leave_out_variants_with_passages():
    some = [
        row("question", "q1", invented=[["money", "$5"], ["money", "$6"], ["code", "a-1"]]),
        row("examples", "q1", invented=[["money", "$7"]]),
        row("base", "q1", invented=[["date", "may 4"]]),
    ]
    found = nb01_shared.invented_examples(some)
    assert [(kind, count) for kind, count, *_ in found] == [("code", 1), ("money", 2)]
    assert found[0][2:] == ("a-1", "It is $5.") and found[1][2] in ("$5", "$6")


def test_verdicts_and_texts_are_looked_up_by_variant():
    some = [row("base", "q1"), row("base", "q2", right=False), row("trained", "q1", raw="y")]
    assert nb01_shared.right_by_question(some, "base") == {"q1": True, "q2": False}
    live = [
        SimpleNamespace(question=SimpleNamespace(id=name), answer=SimpleNamespace(raw="x")) for name in ("q1", "q9")
    ]
    assert nb01_shared.same_as_stored(some, "base", live) == 1
    assert nb01_shared.same_as_stored(some, "trained", live) == 0
