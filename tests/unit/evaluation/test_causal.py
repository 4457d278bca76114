"""The causal tests change what they say they change and nothing else, and tell apart what an answer can do."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from course_lib.errors import DataError
from course_lib.evaluation.causal import (
    RIGHT_OUTCOME,
    TESTS,
    Probe,
    can_be_probed,
    decoys_by_type,
    other_value,
    outcome,
    probes,
    scramble_digits,
    swap_value,
    with_decoy,
)
from course_lib.evaluation.gold import Slot, load_facts, load_questions
from course_lib.evaluation.judge import judge
from course_lib.evaluation.matching import relevant_ids
from course_lib.knowledge.chunking import Passage, chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.knowledge.values import contains
from course_lib.retrieval.base import Hit
from course_lib.settings import ROOT
from tests.unit.evaluation.small_site import ASKED, BOTH, COST, NOTICE, OTHER, PRICE, SITE, answered

DECOY = Passage("kb-009.1", "kb-009", "Bells", "Sizes", "orders", "A bell costs $9.")
GOOD = judge(ASKED, answered("$74", shown=(NOTICE, PRICE, OTHER)), SITE)


def shown(probe: Probe) -> dict[str, str]:
    return {hit.passage.id: hit.passage.text for hit in probe.hits}


def made(judged=GOOD, seed: int = 7) -> dict[str, Probe]:
    return {probe.test: probe for probe in probes(judged, {"money": [DECOY]}, seed)}


def test_there_is_one_changed_view_for_each_test_and_each_test_says_what_should_come_out():
    assert list(made()) == list(TESTS) == list(RIGHT_OUTCOME)


def test_the_swap_changes_the_value_in_the_cited_passage_and_nothing_else():
    swap = made()["swap"]
    assert re.fullmatch(r"\$\d+", swap.new) and swap.new != "$74"
    assert shown(swap) == {
        "kb-002.1": NOTICE.text,
        "kb-001.1": PRICE.text.replace("$74", swap.new),
        "kb-003.1": OTHER.text,
    }


def test_the_ablation_takes_the_cited_passage_away_and_keeps_the_order_of_the_others():
    assert list(shown(made()["ablation"])) == ["kb-002.1", "kb-003.1"]


def test_the_decoy_comes_first_under_the_heading_of_the_cited_passage_in_place_of_the_last_uncited_one():
    hits = made()["decoy"].hits
    assert [hit.passage.id for hit in hits] == ["kb-009.1", "kb-002.1", "kb-001.1"]
    assert hits[0].passage.heading == PRICE.heading and hits[0].passage.text == DECOY.text
    assert hits[2].passage == PRICE


def test_nothing_is_dropped_for_the_decoy_where_every_passage_is_cited():
    hits = (Hit(PRICE, 1.0),)
    assert [hit.passage.id for hit in with_decoy(hits, {"kb-001.1"}, DECOY)] == ["kb-009.1", "kb-001.1"]


def test_the_placebo_changes_every_passage_but_the_cited_one():
    texts = shown(made()["placebo"])
    assert texts["kb-001.1"] == PRICE.text
    assert texts["kb-002.1"] != NOTICE.text and texts["kb-003.1"] != OTHER.text
    assert re.sub(r"\d", "0", texts["kb-003.1"]) == re.sub(r"\d", "0", OTHER.text)


def test_a_view_that_would_change_nothing_is_left_out():
    alone = judge(ASKED, answered("$74", shown=(PRICE,)), SITE)
    assert list(made(alone)) == ["swap", "ablation", "decoy"] and made(alone)["ablation"].hits == ()
    wordy = judge(ASKED, answered("$74", shown=(PRICE, replace(NOTICE, text="Ask the desk."))), SITE)
    assert "placebo" not in made(wordy), "there is no digit to change"


def test_the_same_seed_and_question_give_the_same_views_and_other_seeds_others():
    assert made() == made() != made(seed=8)
    other = judge(replace(ASKED, id="t-9"), GOOD.answer, SITE)
    assert made(other)["swap"].new != made()["swap"].new


def test_a_type_without_a_decoy_of_its_own_takes_one_of_another_type():
    views = {probe.test: probe for probe in probes(GOOD, {"code": [DECOY]}, 7)}
    assert views["decoy"].hits[0].passage.text == DECOY.text


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (ASKED, answered("$32")),  # wrong
        (ASKED, answered("$74", ("kb-002.1",))),  # the wrong passage
        (ASKED, answered("$74", ())),
        (ASKED, answered("$74", shown=(NOTICE,))),  # cites what it was not shown
        (ASKED, answered("not in the documents", ())),
        (BOTH, answered("$74; 12 days", ("kb-001.1", "kb-002.1"))),
        (replace(ASKED, slots=(replace(COST, type="name"),)), answered("$74")),
    ],
)
def test_an_answer_that_is_not_perfect_from_outside_cannot_be_probed(question, answer):
    judged = judge(question, answer, SITE)
    assert can_be_probed(GOOD) and not can_be_probed(judged)
    with pytest.raises(ValueError, match="cannot be probed"):
        probes(judged, {"money": [DECOY]}, 7)


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("$7", "$7, $74, $7.50 and $7.", "$8, $74, $7.50 and $8."),
        ("5 days", "5 days, not 15 days or 2.5 days", "$8, not 15 days or 2.5 days"),
        ("E-6", "Codes E-6 and E-62", "Codes $8 and E-62"),
    ],
)
def test_only_whole_values_are_swapped(value, text, expected):
    slot = Slot("kb-001.x", "money", value, (), "")
    assert swap_value(replace(PRICE, text=text), slot, "$8").text == expected


def test_a_value_in_the_heading_is_swapped_too():
    passage = replace(PRICE, title="Classic for $74", section="Only $74")
    assert swap_value(passage, COST, "$81").heading == "Classic for $81 > Only $81"


def test_the_new_value_is_one_that_nothing_shown_or_known_about_the_question_has():
    hits = [Hit(replace(PRICE, text="It costs $74, or any of " + ", ".join(f"${n}" for n in range(2, 180))), 1.0)]
    drawn = {other_value(ASKED, hits, random.Random(seed)) for seed in range(20)}
    assert len(drawn) > 5 and drawn <= {f"${n}" for n in range(180, 223)}
    full = [Hit(replace(PRICE, text=", ".join(f"${n}" for n in range(2, 223))), 1.0)]
    with pytest.raises(DataError, match=r"No other value like '\$74'"):
        other_value(ASKED, full, random.Random(1))


def test_scrambled_digits_leave_the_words_alone():
    text = scramble_digits(PRICE, random.Random(3)).text
    assert re.sub(r"\d", "", text) == re.sub(r"\d", "", PRICE.text) and text != PRICE.text


@pytest.mark.parametrize(
    ("text", "new", "did"),
    [
        ("$81", "$81", "follows"),
        ("It costs 81 dollars.", "$81", "follows"),
        ("$74", "$81", "keeps"),
        ("$81 or $74", "$81", "other"),
        ("$32", "$81", "other"),
        ("not in the documents", "$81", "declines"),
        ("", "$81", "declines"),
        ("$74", "", "keeps"),
        ("$99", "", "other"),
    ],
)
def test_an_answer_follows_keeps_declines_or_does_something_else(text, new, did):
    assert outcome(ASKED, Probe("any", (), new), answered(text)) == did


def test_decoys_are_passages_of_train_articles_by_the_type_of_their_values():
    facts = [
        {"article": "kb-001", "split": "test", "type": "money", "values": {"now": "$74"}},
        {"article": "kb-003", "split": "train", "type": "money", "values": {"now": "$99"}},
        {"article": "kb-003", "split": "train", "type": "money", "values": {"now": None, "then": "$98"}},
        {"article": "kb-002", "split": "train", "type": "duration", "values": {"now": "13 days"}},
    ]
    assert decoys_by_type(facts, SITE.values(), "now") == {"money": [OTHER]}


def test_every_test_question_that_asks_one_shaped_value_can_be_swapped_on_its_own_page():
    data = ROOT / "data"
    passages = chunk_all(load_snapshot(data))
    site = {passage.id: passage for passage in passages}
    decoys = decoys_by_type(load_facts(data).values(), passages, snapshot_dates(data)[-1])
    tried = 0
    for question in load_questions(data, "test"):
        if len(question.slots) == 1 and question.slots[0].type != "name":
            slot = question.slots[0]
            page = site[min(relevant_ids(slot, site))]
            judged = judge(question, answered(slot.value, (page.id,), (page, *passages[:3])), site)
            swap = probes(judged, decoys, 7)[0]
            changed = next(hit.passage for hit in swap.hits if hit.passage.id == page.id)
            assert contains(changed.indexed, swap.new) and not contains(changed.indexed, slot.value), question.id
            tried += 1
    assert tried > 100
