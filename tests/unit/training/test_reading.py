"""Behavior of the examples that teach reading."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass

import pytest

from course_lib.files import read_jsonl
from course_lib.knowledge.values import contains
from course_lib.models.prompts import HOUSE_SYSTEM, NOT_TOLD, UNKNOWN_CATEGORY
from course_lib.settings import ROOT
from course_lib.training import reading
from course_lib.training.reading import Mix, conversation, fill_site, reading_examples

ROWS = read_jsonl(ROOT / "data" / "train" / "sites.jsonl")
ROUNDS = 3


@dataclass(frozen=True)
class Turn:
    """One question with its answer, read back from a conversation."""

    question: str
    citations: tuple[str, ...]
    values: tuple[str, ...]
    category: str
    needs_human: bool

    @property
    def abstains(self) -> bool:
        return self.values == (NOT_TOLD,)


@dataclass(frozen=True)
class Conversation:
    """Passages in view as (id, category, text with heading), and the turns."""

    passages: tuple[tuple[str, str, str], ...]
    turns: tuple[Turn, ...]


def parsed(messages) -> Conversation:
    block = messages[1]["content"].rsplit("\n\nQuestion: ", 1)[0]
    shown = re.findall(r"\[(\S+) (\w+)\] (.*?)(?=\n\n\[kb-|\Z)", block, re.DOTALL)
    turns = []
    for asked, answered in zip(messages[1::2], messages[2::2], strict=True):
        answer = json.loads(answered["content"])
        question = asked["content"].rsplit("Question: ", 1)[1]
        turns.append(
            Turn(
                question,
                tuple(answer["citations"]),
                tuple(answer["answer"].split("; ")),
                answer["category"],
                answer["needs_human"],
            )
        )
    return Conversation(tuple(shown), tuple(turns))


def row(*passages: dict) -> dict:
    return {"name": "Test site", "passages": list(passages)}


def page(number: int, questions: int = 3) -> dict:
    return {
        "title": f"Page {number}",
        "section": "Costs",
        "category": "billing",
        "text": f"Thing {number} costs {{price}} and takes {{wait}}.",
        "slots": {"price": {"type": "money", "value": "$450"}, "wait": {"type": "duration", "value": "90 days"}},
        "questions": [
            {"q": f"Price of thing {number}, version {version}?", "slots": ["price"]} for version in range(questions)
        ],
        "unanswerable": [f"Who makes thing {number}?"],
    }


@pytest.fixture(scope="module")
def messages():
    return list(reading_examples(ROWS, ROUNDS, seed=7))


@pytest.fixture(scope="module")
def talks(messages):
    return [parsed(conversation) for conversation in messages]


@pytest.fixture(scope="module")
def turns(talks):
    return [turn for talk in talks for turn in talk.turns]


def test_each_organization_gets_one_conversation_a_round(messages):
    assert len(messages) == ROUNDS * len(ROWS)


def test_a_conversation_opens_with_the_passages_and_goes_on_with_bare_questions(messages):
    for talk in messages:
        assert [message["role"] for message in talk] == ["system", *["user", "assistant"] * ((len(talk) - 1) // 2)]
        assert talk[0]["content"] == HOUSE_SYSTEM
        assert talk[1]["content"].startswith("[kb-")
        assert all(re.match(r"Question: .", message["content"]) for message in talk[3::2])


def test_most_conversations_have_several_turns_and_passages(talks):
    assert sum(len(talk.turns) >= 3 for talk in talks) > 0.8 * len(talks)
    assert {len(talk.passages) for talk in talks} >= {2, 3, 4}


def test_every_value_of_an_answer_stands_in_a_passage_it_cites(talks):
    for talk in talks:
        texts = {name: text for name, _, text in talk.passages}
        for turn in talk.turns:
            if not turn.abstains:
                assert turn.citations
                cited = "\n".join(texts[name] for name in turn.citations)
                assert [value for value in turn.values if not contains(cited, value)] == [], (turn, cited)


def test_every_cited_passage_states_a_value_of_the_answer(talks):
    for talk in talks:
        texts = {name: text for name, _, text in talk.passages}
        for turn in talk.turns:
            for name in turn.citations:
                assert any(contains(texts[name], value) for value in turn.values)


def test_the_category_is_that_of_the_first_cited_passage(talks):
    for talk in talks:
        categories = {name: category for name, category, _ in talk.passages}
        for turn in talk.turns:
            if turn.citations:
                assert turn.category == categories[turn.citations[0]]
                assert turn.needs_human is (turn.category in ("safety", "legal"))


def test_an_answer_that_abstains_cites_nothing_and_calls_a_person(turns):
    abstaining = [turn for turn in turns if turn.abstains]
    assert {(turn.citations, turn.category, turn.needs_human) for turn in abstaining} == {((), UNKNOWN_CATEGORY, True)}
    assert all(NOT_TOLD not in turn.values for turn in turns if not turn.abstains)


def test_between_an_eighth_and_a_third_of_the_answers_abstain(turns):
    share = sum(turn.abstains for turn in turns) / len(turns)
    assert 0.12 < share < 0.35


def test_some_questions_ask_for_two_things_and_some_answers_cite_two_passages(turns):
    assert sum(len(turn.values) > 1 for turn in turns) > 0.05 * len(turns)
    assert sum(len(turn.citations) > 1 for turn in turns) > 0.01 * len(turns)


def test_questions_that_carry_a_wrong_value_are_answered_with_the_right_one():
    premise = page(1) | {"questions": [{"q": "Is it {wrong:price}?", "slots": ["price"]}], "unanswerable": []}
    differing = 0
    for seed in range(50):
        site = fill_site(row(premise, page(2)), random.Random(seed))
        asked = site.asked[0]
        assert re.fullmatch(r"Is it \$\d+\?", asked.text)
        assert contains(site.passages[0].text, asked.values[0])
        differing += not contains(asked.text, asked.values[0])
    assert differing > 45


def test_filled_passages_and_questions_have_no_slots_left(messages):
    contents = [message["content"] for talk in messages for message in talk[1::2]]
    assert [content for content in contents if re.search(r"\{[\w:]+\}", content)] == []


def test_the_same_seed_gives_the_same_examples_and_another_seed_others(messages):
    assert list(reading_examples(ROWS, ROUNDS, seed=7)) == messages
    assert list(reading_examples(ROWS[:5], 1, seed=8)) != list(reading_examples(ROWS[:5], 1, seed=7))


def test_values_and_ids_differ_between_rounds():
    rng = random.Random(7)
    same = total = 0
    for site in ROWS:
        first, second = fill_site(site, rng), fill_site(site, rng)
        for before, after in zip(first.asked, second.asked, strict=True):
            total += len(before.values)
            same += sum(old == new for old, new in zip(before.values, after.values))
        assert [passage.id for passage in first.passages] != [passage.id for passage in second.passages]
    assert total > 2000
    assert same < 0.08 * total, "values that stay the same can be learned by heart"


def test_a_merged_passage_is_cited_for_both_of_its_parts(monkeypatch):
    monkeypatch.setattr(reading, "MERGED", 1.0)
    rng = random.Random(1)
    site = fill_site(row(page(1), page(2), page(3)), rng)
    long = 0
    for talk in [parsed(conversation(site, [], rng, Mix())) for _ in range(60)]:
        long += any("\nPage" in text for _, _, text in talk.passages)
        texts = {name: text for name, _, text in talk.passages}
        assert max("\n".join(texts.values()).count(f"Thing {number} costs") for number in (1, 2, 3)) == 1
        for turn in talk.turns:
            if not turn.abstains:
                cited = "\n".join(texts[name] for name in turn.citations)
                assert all(contains(cited, value) for value in turn.values)
    assert long > 20


def test_a_question_whose_passage_was_left_out_is_refused_and_its_passage_is_nowhere_in_view():
    for talk in map(parsed, reading_examples([row(*map(page, range(6)))], 150, seed=1)):
        for turn in talk.turns:
            number = re.search(r"thing (\d)", turn.question).group(1)
            in_view = any(f"Thing {number} costs" in text for _, _, text in talk.passages)
            if turn.question.startswith("Price"):
                assert in_view is not turn.abstains, (turn, talk.passages)


def test_no_passage_stands_in_view_twice():
    for talk in map(parsed, reading_examples([row(*map(page, range(6)))], 150, seed=1)):
        texts = [text for _, _, text in talk.passages]
        assert len(set(texts)) == len(texts)


def test_the_passages_of_a_site_have_ids_of_their_own():
    """With one id for two passages a citation cannot be right."""
    rng = random.Random(1)
    for _ in range(300):
        names = [passage.id for passage in fill_site(row(*map(page, range(6))), rng).passages]
        assert len(set(names)) == len(names)
