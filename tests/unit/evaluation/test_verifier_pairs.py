"""Training pairs say what their kind says, come from the training texts alone, and trial pairs are labeled right."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from course_lib.evaluation.gold import load_facts, load_questions
from course_lib.evaluation.judge import judge
from course_lib.evaluation.matching import is_supported, states_all
from course_lib.evaluation.verifier_pairs import CORRUPTIONS, Pair, corrupted, fill_page, training_pairs
from course_lib.evaluation.verifier_trials import answer_pairs, gold_pairs
from course_lib.files import read_jsonl
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.knowledge.values import contains
from course_lib.settings import ROOT
from tests.unit.evaluation.small_site import ASKED, BOTH, SITE, UNTOLD, answered

DATA = ROOT / "data"
SITES = read_jsonl(DATA / "train" / "sites.jsonl")
PAIRS = training_pairs(SITES, 7)

MONEY = {"type": "money", "value": "$20"}
DAYS = {"type": "duration", "value": "7 days"}
ADULT = {
    "title": "Adult card",
    "section": "Limits",
    "category": "plans",
    "text": "You owe {cap} at most and pay {fee}. Films are due after {media}.",
    "slots": {"cap": MONEY, "fee": MONEY, "media": DAYS},
    "questions": [],
    "unanswerable": [],
}
JUNIOR = ADULT | {"title": "Junior card"}
ASK_CAP = {"q": "Is {wrong:cap} the most I may owe?", "slots": ["cap"]}


def pages(*sources: dict) -> list:
    rng = random.Random(5)
    return [fill_page(source, number, rng) for number, source in enumerate(sources, 1)]


def by_kind(pairs) -> dict[str, Pair]:
    return {pair.kind: pair for pair in pairs}


def test_a_question_gives_a_right_pair_and_each_corruption_of_it():
    adult, junior = pages(ADULT, JUNIOR)
    made = by_kind(corrupted(ASK_CAP, adult, [adult, junior], random.Random(1)))
    assert list(made) == ["right", "made up", "other line", "other page"]
    assert made["right"].answer == adult.values["cap"] and made["right"].supported
    assert not contains(adult.passage.text, made["made up"].answer)
    assert made["other line"].answer == adult.values["fee"] and made["other line"].passages == (adult.passage,)
    assert made["other page"].answer == junior.values["cap"] and made["other page"].passages == (junior.passage,)
    assert not any(pair.supported for kind, pair in made.items() if kind != "right")


def test_the_blank_for_a_wrong_value_in_a_question_is_filled():
    adult, junior = pages(ADULT, JUNIOR)
    (text,) = {pair.question for pair in corrupted(ASK_CAP, adult, [adult, junior], random.Random(1))}
    assert "{" not in text and "$" in text


def test_corruptions_that_a_text_does_not_allow_are_left_out():
    (alone,) = pages(ADULT | {"text": "You owe {cap}.", "slots": {"cap": MONEY}})
    assert list(by_kind(corrupted(ASK_CAP, alone, [alone], random.Random(1)))) == ["right", "made up"]


def test_training_pairs_have_every_kind_and_none_is_rare():
    counts = Counter(pair.kind for pair in PAIRS)
    assert set(counts) == {"right", *CORRUPTIONS} and min(counts.values()) > 200


def test_right_pairs_are_supported_and_made_up_ones_are_not_while_the_other_corruptions_look_supported():
    looks = {kind: [] for kind in ("right", *CORRUPTIONS)}
    for pair in PAIRS:
        looks[pair.kind].append(is_supported(pair.answer, pair.passages))
    shares = {kind: sum(found) / len(found) for kind, found in looks.items()}
    assert shares["made up"] < 0.02
    assert min(shares[kind] for kind in looks if kind != "made up") > 0.98


def test_no_pair_has_a_blank_left():
    assert not any("{" in pair.question + pair.answer + pair.passages[0].text for pair in PAIRS)


def test_the_same_seed_makes_the_same_pairs():
    assert training_pairs(SITES[:4], 3) == training_pairs(SITES[:4], 3) != training_pairs(SITES[:4], 4)


def test_no_training_pair_comes_from_a_dev_or_test_article():
    titles = {article.id: article.title for article in load_snapshot(DATA)}
    held_out = {
        titles[fact["article"]]
        for fact in load_facts(DATA).values()
        if fact["split"] != "train" and fact["article"] in titles
    }
    assert not {pair.passages[0].title for pair in PAIRS} & held_out


# Trials


@pytest.mark.parametrize("split", ["dev", "test"])
def test_gold_pairs_are_right_or_wrong_as_labeled_and_every_citation_opens_a_passage(split):
    date = snapshot_dates(DATA)[-1]
    site = chunk_all(load_snapshot(DATA, date))
    questions = {question.id: question for question in load_questions(DATA, split)}
    pairs = gold_pairs(questions.values(), load_facts(DATA).values(), site, date)
    for pair in pairs:
        question = questions[pair.question_id]
        assert pair.question == question.text and pair.article == question.cluster
        assert pair.passages and set(pair.passages) <= set(site)
        right = question.answerable and states_all(question, pair.answer)
        assert right == pair.supported, (pair.question_id, pair.kind, pair.answer)
        if pair.kind != "stale":
            assert is_supported(pair.answer, pair.passages), (pair.question_id, pair.kind, pair.answer)
    counts = Counter(pair.kind for pair in pairs)
    assert set(counts) == {"right", "stale", "other line", "other page", "unanswerable"}
    assert counts["right"] == sum(question.answerable for question in questions.values())


def test_judged_answers_are_labeled_by_the_judge_and_those_without_a_valid_citation_are_left_out():
    chance = replace(SITE["kb-003.1"], text="Plus costs $99, Classic $74.")
    site = SITE | {"kb-003.1": chance}
    judgements = [
        judge(ASKED, answered("$74"), site),
        judge(ASKED, answered("$74", ("kb-003.1",)), site),
        judge(ASKED, answered("$32"), site),
        judge(UNTOLD, answered("$74"), site),
        judge(BOTH, answered("$74; 12 days", ("kb-001.1", "kb-002.1", "kb-001.1")), site),
        judge(ASKED, answered("$74", ()), site),
        judge(ASKED, answered("$74", ("kb-999.1",)), site),
        judge(ASKED, answered("not in the documents", ()), site),
    ]
    pairs = answer_pairs(judgements, site)
    kinds = ["right", "right by chance", judgements[2].cause, "should have refused", "right"]
    assert [pair.kind for pair in pairs] == kinds
    assert [pair.supported for pair in pairs] == [True, False, False, False, True]
    assert [len(pair.passages) for pair in pairs] == [1, 1, 1, 1, 2]
