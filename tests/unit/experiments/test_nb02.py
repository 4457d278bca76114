"""The experiments of notebook 02 change what they say they change, put it back, and count by hand-checked rules."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from course_lib.assistants.answer import Answer, Parsed
from course_lib.evaluation.gold import Question, Slot, load_facts, load_questions
from course_lib.evaluation.matching import states_all
from course_lib.experiments import nb02_chunk, nb02_collect, nb02_ground, nb02_hot_swap, nb02_marginal, nb02_update
from course_lib.experiments.nb02_shared import PLANTED_ID, amounts, answered_as_stored, editable, is_one_edit, plant
from course_lib.experiments.registry import find_experiments
from course_lib.knowledge.articles import Article
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.models.prompts import NOT_TOLD
from course_lib.retrieval.base import Hit
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.settings import ROOT

DATA = ROOT / "data"
QUESTIONS = load_questions(DATA, "test")
PAGES = load_snapshot(DATA)
MODULES = (nb02_collect, nb02_chunk, nb02_ground, nb02_update, nb02_hot_swap, nb02_marginal)


def page(name: str, text: str) -> Article:
    return Article(name, f"Page {name}", "orders", "2026-03-01", "", text)


BELL = Slot("kb-001.bell", "money", "$9", (), "A brass bell costs $9.")
ASKED = Question("t-1", "test", "lookup", "What does a brass bell cost?", (BELL,), ("$7",), ("$8",), "")
SITE = [
    page("kb-001", "A brass bell costs $9."),
    page("kb-002", "The depot opens at 9 am."),
    page("kb-003", "We sell horns."),
]


class KeywordIndex:
    """Pages that can be put and removed, searched by keywords."""

    def __init__(self, pages):
        self.pages = {one.id: one for one in pages}

    articles = property(lambda self: [self.pages[name] for name in sorted(self.pages)])
    passages = property(lambda self: chunk_all(self.articles))

    def put(self, one):
        self.pages[one.id] = one

    def remove(self, name):
        return self.pages.pop(name)

    def search(self, questions, k):
        return BM25Retriever(self.passages).search(questions, k)


class ReadingRag:
    """Says the first amount of the best passage, or declines."""

    def __init__(self, pages):
        self.retriever, self.chat = KeywordIndex(pages), SimpleNamespace(model=torch.nn.Linear(2, 2))

    def answer(self, questions):
        return [self._read(question, hits) for question, hits in zip(questions, self.retriever.search(questions, 2))]

    @staticmethod
    def _read(question, hits):
        amount = re.search(r"\$\d+", hits[0].passage.text)
        return Answer("fake", question, tuple(hits), "", "", Parsed(amount.group() if amount else NOT_TOLD))


def test_every_experiment_of_the_notebook_is_found_and_names_files_that_are_there():
    found = find_experiments()
    for module in MODULES:
        assert found[module.NAME].run is module.run and module.NAME == module.__name__.rsplit(".", 1)[-1]
        assert all((ROOT / path).exists() for path in module.USES), module.NAME


# Edited and planted pages


def test_editable_questions_ask_one_amount_of_different_articles_and_leave_no_trace_of_the_old_value():
    chosen = editable(QUESTIONS, PAGES)
    assert len(chosen) >= nb02_update.EDITS
    assert len({question.cluster for question in chosen}) == len(chosen)
    assert all(question.slots[0].type == "money" and len(question.slots) == 1 for question in chosen)


@pytest.mark.parametrize(
    ("text", "one"),
    [("A brass bell costs $9.", True), ("A brass bell costs $9. Again $9.", False), ("A bell costs $9.", False)],
)
def test_a_value_that_stands_twice_or_elsewhere_is_not_one_edit(text, one):
    assert is_one_edit(page("kb-001", text), BELL.evidence, "$9") is one


def test_amounts_are_those_of_all_pages():
    assert amounts([page("a", "It costs $9 or 12 dollars."), page("b", "$30 each")]) == {"$9", "$12", "$30"}


def test_an_edit_changes_the_answer_at_once_moves_no_weight_and_is_taken_back():
    rag = ReadingRag(SITE)
    row = nb02_update.edit_row(rag, ASKED, "$77")
    assert (row["before"], row["after"], row["right_before"]) == ("$9", "$77", True)
    assert (row["retrieved"], row["says_new"], row["says_old"], row["weights_moved"]) == (True, True, False, 0)
    assert rag.retriever.articles == SITE


def test_a_weight_that_moves_during_an_update_is_counted():
    rag = ReadingRag(SITE)
    answer = rag.answer

    def learning(questions):
        with torch.no_grad():
            rag.chat.model.bias += 1
        return answer(questions)

    rag.answer = learning
    assert nb02_update.edit_row(rag, ASKED, "$77")["weights_moved"] == 1


def test_an_assistant_that_keeps_to_its_old_answer_is_noticed():
    rag = ReadingRag(SITE)
    rag.retriever.put = lambda one: None
    row = nb02_update.edit_row(rag, ASKED, "$77")
    assert (row["retrieved"], row["says_new"], row["says_old"]) == (False, False, True)


def test_a_planted_page_is_repeated_while_it_is_there_and_gone_after_removal():
    rag = ReadingRag(SITE)
    row = nb02_update.bad_row(rag, ASKED, "$66", "$9")
    assert (row["shown_with"], row["with_repeats"]) == (True, True)
    assert (row["shown_after"], row["after_repeats"], row["same"]) == (False, False, True)
    assert rag.retriever.articles == SITE


def test_a_planted_page_that_stays_is_noticed():
    rag = ReadingRag(SITE)
    rag.retriever.remove = lambda name: None
    row = nb02_update.bad_row(rag, ASKED, "$66", "$9")
    assert (row["shown_after"], row["after_repeats"], row["same"]) == (True, True, False)


def test_the_planted_page_has_an_id_that_no_page_has():
    assert all(PLANTED_ID not in {one.id for one in load_snapshot(DATA, date)} for date in snapshot_dates(DATA))
    index = KeywordIndex(SITE)
    plant(index, ASKED, "$66")
    assert [one.text for one in index.passages if one.article == PLANTED_ID] == ["A brass bell costs $66."]


def test_the_table_of_updates_has_a_line_for_each_share():
    edit = {"kind": "edit", "cluster": "a", "retrieved": True, "says_new": True, "says_old": False}
    bad = {"kind": "bad page", "cluster": "a", "with_repeats": True, "after_repeats": False, "same": True}
    lines = nb02_update.table([edit, edit, bad])
    assert [line[1] for line in lines] == [2, 2, 2, 1, 1, 1]
    assert [line[2][:4] for line in lines] == ["1.00", "1.00", "0.00", "1.00", "0.00", "1.00"]


def test_the_time_to_change_counts_only_edits_that_changed_the_answer():
    edits = [{"kind": "edit", "seconds": seconds, "says_new": seconds < 9} for seconds in (1.0, 2.0, 6.0, 99.0)]
    assert nb02_update.seconds_to_change([*edits, {"kind": "bad page"}]) == 2.0
    with pytest.raises(ValueError, match="no time to report"):
        nb02_update.seconds_to_change(edits[3:])


def test_stored_answers_are_asked_again_from_their_own_passages_and_compared_word_for_word():
    class Echo:
        def answer_from(self, texts, found):
            return [SimpleNamespace(raw=f"{text} {hits[0].passage.text}") for text, hits in zip(texts, found)]

    rows = [
        {"question": "t-1", "passages": [["kb-001.1", 0.5]], "raw": f"{ASKED.text} {SITE[0].text}"},
        {"question": "t-1", "passages": [["kb-002.1", 0.5]], "raw": f"{ASKED.text} {SITE[0].text}"},
    ]
    assert answered_as_stored(Echo(), rows, [ASKED], chunk_all(SITE)) == 1


# A missing article


def test_a_missing_article_loses_its_questions_unless_another_page_says_the_same():
    index = KeywordIndex(SITE)
    (row,) = nb02_collect.without_article(index, "kb-001", [ASKED])
    assert (row["whole"], row["without"], row["lost"]) == (True, False, True)
    assert index.articles == SITE
    twice = KeywordIndex([*SITE, page("kb-004", "Somebody says a brass bell costs $9.")])
    assert nb02_collect.without_article(twice, "kb-001", [ASKED])[0]["lost"] is False


def test_a_question_that_was_never_found_cannot_be_lost():
    unfound = replace(ASKED, slots=(replace(BELL, value="$5"),))
    assert nb02_collect.without_article(KeywordIndex(SITE), "kb-001", [unfound])[0]["lost"] is None


# Ways to cut


def test_every_way_to_cut_is_another_cut_and_keeps_all_articles():
    cuts = {name: cut(PAGES) for name, cut in nb02_chunk.CUTS.items()}
    assert len({tuple(passage.text for passage in passages) for passages in cuts.values()}) == len(cuts)
    for passages in cuts.values():
        assert {passage.article for passage in passages} == {one.id for one in PAGES}
        assert len({passage.id for passage in passages}) == len(passages)


def test_the_best_cut_is_compared_with_the_worst_question_by_question():
    asked = [replace(ASKED, id=f"t-{number}", slots=(replace(BELL, fact=f"kb-{number}.x"),)) for number in range(4)]
    rows = [
        {"cut": "a", "passages": 1, "words": 5.0, "not_in_top_3": [], "not_in_200_words": ["t-0"]},
        {"cut": "b", "passages": 2, "words": 4.0, "not_in_top_3": ["t-1"], "not_in_200_words": []},
        {"cut": "c", "passages": 3, "words": 3.0, "not_in_top_3": [], "not_in_200_words": ["t-0", "t-1", "t-2"]},
    ]
    difference = nb02_chunk.best_minus_worst(rows, asked)
    assert (difference.value, difference.n) == (0.75, 4)
    lines = nb02_chunk.table(rows, asked)
    assert [line[:3] for line in lines] == [["a", 1, 5.0], ["b", 2, 4.0], ["c", 3, 3.0]]
    assert [line[3][:4] for line in lines] == ["1.00", "0.75", "1.00"]
    assert [line[4][:4] for line in lines] == ["0.75", "1.00", "0.25"]


# Prompts


def test_a_row_of_the_prompt_grid_judges_supports_and_follows_the_citation():
    site = {passage.id: passage for passage in chunk_all(SITE)}
    recut = site | {"kb-001.1": replace(site["kb-001.1"], text="Another text.")}
    hits = (Hit(site["kb-001.1"], 0.51239),)
    right = Answer("rag", ASKED.text, hits, "", "", Parsed("$9", ("kb-001.1",)))
    row = nb02_ground.row_of("x", ASKED, right, site, recut)
    assert (row["correct"], row["unsupported"], row["false_refusal"], row["abstains"]) == (True, False, False, None)
    assert (row["exists"], row["resolves"], row["opens"], row["opens_recut"]) == (True, True, True, False)
    assert row["passages"] == [["kb-001.1", 0.5124]]
    untold = replace(ASKED, slots=(), near="kb-001")
    row = nb02_ground.row_of("x", untold, replace(right, parsed=Parsed(NOT_TOLD)), site, recut)
    assert (row["correct"], row["false_refusal"], row["abstains"], row["opens"]) == (True, None, True, None)


def test_a_score_that_does_not_apply_is_missing_in_the_table_of_prompts():
    row = {"condition": "x", "cluster": "a", "correct": True, "unsupported": False, "false_refusal": False}
    row |= {"abstains": None, "opens": None, "opens_recut": None}
    none = "0.00 [0.00, 0.79]"
    (line,) = nb02_ground.table([row])
    assert line == ["x", "1.00 [0.21, 1.00]", none, none, None, None, None]
    assert len(line) == len(nb02_ground.COLUMNS)


# Two dates


def test_questions_of_the_hot_swap_have_another_value_at_each_date():
    facts, (old, *_, new) = load_facts(DATA), snapshot_dates(DATA)
    chosen = nb02_hot_swap.changed(QUESTIONS, facts, old, new)
    assert len(chosen) == nb02_hot_swap.QUESTIONS == len({question.id for question in chosen})
    for question in chosen:
        values = facts[question.slots[0].fact]["values"]
        assert values[old] and values[new] and values[old] != values[new]
        assert states_all(nb02_hot_swap.asked_at(question, facts[question.slots[0].fact], old, new), values[old])
        assert not states_all(nb02_hot_swap.asked_at(question, facts[question.slots[0].fact], old, new), values[new])


def test_matched_minus_mismatched_worked_out_by_hand():
    rows = [
        {"index": "old", "question": "a", "cluster": "a", "right_for_old": True, "right_for_new": False},
        {"index": "new", "question": "a", "cluster": "a", "right_for_old": False, "right_for_new": True},
        {"index": "old", "question": "b", "cluster": "b", "right_for_old": False, "right_for_new": True},
        {"index": "new", "question": "b", "cluster": "b", "right_for_old": False, "right_for_new": True},
    ]
    found = nb02_hot_swap.matched_minus_mismatched(rows)
    assert (found.value, found.n) == ((3 - 1) / 4, 4)
    assert [line[1][:4] for line in nb02_hot_swap.table(rows)] == ["0.50", "0.00"]
    assert [line[2][:4] for line in nb02_hot_swap.table(rows)] == ["0.50", "1.00"]


# Candidates


def test_candidates_start_with_the_right_value_and_name_none_twice():
    assert nb02_marginal.candidates(ASKED) == ["$9", "$7", "$8"]
    assert nb02_marginal.candidates(replace(ASKED, wrong=("$7", "$9"))) == ["$9", "$7"]
    assert nb02_marginal.candidates(replace(ASKED, slots=())) == []
    assert nb02_marginal.candidates(replace(ASKED, slots=(BELL, BELL))) == []


def test_a_method_is_right_if_no_rival_scores_higher(monkeypatch):
    scores = {"concatenation": [-1, -2, -3], "rag_sequence": [-2, -1, -3], "rag_token": [-2, -3, -1]}
    scores["first_passage"] = [-1.5, -1.6, -9]
    monkeypatch.setattr(nb02_marginal, "score_candidates", lambda *_: scores)
    row = nb02_marginal.score_row(None, ASKED, [])
    assert [row[name] for name in nb02_marginal.METHODS] == [True, False, False, True]
    assert row["chance"] == pytest.approx(1 / 3)
    lines = nb02_marginal.table([row])
    assert [line[1][:4] for line in lines] == ["1.00", "0.00", "0.00", "1.00", "0.33"]
