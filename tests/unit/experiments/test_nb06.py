"""The experiments of notebook 06 ask, teach and count what they say, with models that need no weights."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from course_lib.assistants.answer import Answer, Parsed, parse_house
from course_lib.evaluation.changes import ABSTAINED, BLENDED, CURRENT, OTHER, STALE
from course_lib.experiments import (
    nb06_dose,
    nb06_hybrid,
    nb06_index,
    nb06_live,
    nb06_rag,
    nb06_replay,
    nb06_scores,
    nb06_shadow,
    nb06_shared,
    nb06_tables,
    nb06_tuned,
    nb06_wordings,
)
from course_lib.knowledge.chunking import chunk_all
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.models.batching import Completion
from course_lib.models.prompts import house_answer
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.settings import ROOT, Settings

SETTINGS = Settings(data=ROOT / "data")
FIRST, SECOND, THIRD = DATES = snapshot_dates(SETTINGS.data)


class Parts:
    """Keeps nothing: every part is made."""

    def __init__(self, name, settings, say):
        self.folder = ROOT / "not-written"

    def rows(self, part, make):
        return make()


@pytest.fixture
def asked():
    return nb06_shared.questions_of(SETTINGS)


def answer(text: str, question: str = "", hits=()) -> Answer:
    return Answer("reader", question, tuple(hits), "", text, Parsed(text))


def test_the_slice_holds_every_pattern_and_is_part_of_what_is_asked_of_the_trained_models(asked):
    every = nb06_shared.all_questions(SETTINGS)
    assert {one.pattern for one in asked} == {one.pattern for one in every} >= {"AAA", "AAB", "ABB"}
    assert {one.question.id for one in asked} < {one.question.id for one in every}


def test_changed_and_unchanged_facts_share_nothing_and_new_facts_count_as_changed():
    facts = nb06_shared.taught_facts(SETTINGS)
    changed = nb06_shared.changed_facts(facts, FIRST, SECOND)
    same = nb06_shared.unchanged_facts(facts, FIRST, SECOND)
    assert not set(changed) & set(same)
    assert any(fact["values"][FIRST] is None for fact in changed.values())
    assert all(fact["values"][SECOND] for fact in (*changed.values(), *same.values()))
    gone = {name for name, fact in facts.items() if fact["values"][SECOND] is None}
    assert set(facts) == set(changed) | set(same) | gone


def test_an_update_teaches_the_values_of_its_date():
    facts = nb06_shared.changed_facts(nb06_shared.taught_facts(SETTINGS), FIRST, SECOND)
    name, fact = next((name, fact) for name, fact in facts.items() if fact["values"][FIRST])
    ((*_, last),) = nb06_shared.taught(SETTINGS, {name: fact}, SECOND)
    assert parse_house(last["content"]).text == fact["values"][SECOND] != fact["values"][FIRST]


class Reader:
    """Says the first word of the best passage, and counts how often it is asked."""

    top_k = 2

    def __init__(self):
        self.asked = 0

    def answer_from(self, questions, found, seconds, say):
        self.asked += len(questions)
        return [answer(hits[0].passage.text.split()[0], text, hits) for text, hits in zip(questions, found)]


@pytest.fixture
def keyword_index(monkeypatch, asked):
    monkeypatch.setattr(nb06_index, "best_retriever", lambda passages, settings: BM25Retriever(passages))
    monkeypatch.setattr(nb06_index, "Kept", Parts)
    monkeypatch.setattr(nb06_index, "questions_of", lambda settings: asked[:12])


def test_every_index_is_asked_at_every_date_and_no_prompt_twice(keyword_index, asked):
    reader = Reader()
    rows = nb06_index.run_indexes("any", reader, SETTINGS, str)
    conditions = [(row["arm"], row["date"]) for row in rows[:: len(asked[:12])]]
    assert conditions == [
        ("replaced", FIRST),
        ("replaced", SECOND),
        ("appended", SECOND),
        ("appended with dates", SECOND),
        ("replaced", THIRD),
        ("appended", THIRD),
        ("appended with dates", THIRD),
    ]
    prompts = {(row["question"], tuple(row["passages"])) for row in rows}
    assert reader.asked == len(prompts) < len(rows)
    json.dumps(rows, allow_nan=False)


def test_only_the_appended_index_shows_what_no_longer_holds(keyword_index):
    here = {p.indexed for p in chunk_all(load_snapshot(SETTINGS.data, THIRD))}
    texts = [one.question.text for one in nb06_index.questions_of(SETTINGS)]
    old = {}
    for arm, date, retriever in nb06_index.indexes(SETTINGS):
        if date == THIRD:
            found = retriever.search(texts, 2)
            assert all(len(hits) == 2 for hits in found)
            old[arm] = sum(hit.passage.indexed not in here for hits in found for hit in hits)
    assert old["replaced"] == old["appended with dates"] == 0 < old["appended"]


def test_the_two_readers_are_asked_under_their_own_names(monkeypatch):
    ran = []
    chat = SimpleNamespace(load_adapter=lambda name, folder: ran.append(name))
    for module in (nb06_rag, nb06_hybrid):
        monkeypatch.setattr(module, "load_chat", lambda settings: chat)
        monkeypatch.setattr(module, "run_indexes", lambda name, reader, *_: [{"arm": name, "reader": reader.name}])
    rows = nb06_rag.run(SETTINGS, str) + nb06_hybrid.run(SETTINGS, str)
    assert [row["reader"] for row in rows] == ["rag", "hybrid"] and ran == ["reading"]


@pytest.fixture
def trainings(monkeypatch):
    """Record what would be trained, and give back a model that knows nothing."""
    seen = []

    class Chat:
        def load_adapter(self, name, folder):
            pass

        def render(self, messages):
            return ""

        def generate(self, talks, max_new_tokens, adapter, say=None):
            return [Completion(house_answer(["$1"], [], "billing"), 5, 2, 0.1, 0.0, 0.0) for _ in talks]

    def train(settings, talks, recipe, folder, start=None, say=None):
        folder.mkdir(parents=True)
        for file in nb06_tuned.ADAPTER_FILES:
            (folder / file).write_text("1234")
        seen.append((folder.name, start.name if start else None, talks, recipe))
        return Chat(), 2.0

    for module in (nb06_tuned, nb06_dose, nb06_shadow):
        monkeypatch.setattr(module, "trained_chat", train)
        monkeypatch.setattr(module, "load_chat", lambda settings: Chat())
    return seen


@pytest.fixture
def scratch(monkeypatch, tmp_path):
    monkeypatch.setattr(Parts, "__init__", lambda self, *_: setattr(self, "folder", tmp_path))
    for module in (nb06_tuned, nb06_replay, nb06_dose, nb06_shadow, nb06_wordings):
        monkeypatch.setattr(module, "Kept", Parts)


def test_each_training_goes_on_from_the_one_before_with_what_changed(trainings, scratch):
    rows = nb06_tuned.run(SETTINGS, str)
    assert [(name, start) for name, start, *_ in trainings] == [
        (nb06_tuned.SECOND, "closed_book"),
        (nb06_tuned.THIRD, nb06_tuned.SECOND),
        (nb06_tuned.UNDONE, nb06_tuned.SECOND),
    ]
    told = [row for row in rows if row["question"] is None]
    assert [row["steps"] for row in told] == [nb06_tuned.EPOCHS * len(talks) for _, _, talks, _ in trainings]
    assert {row["bytes"] for row in told} == {4 * len(nb06_tuned.ADAPTER_FILES)}
    every = nb06_shared.all_questions(SETTINGS)
    assert len(rows) == len(told) + 4 * len(every)
    lines = nb06_scores.tuned_lines(rows, every)
    assert list(lines) == [nb06_scores.ONCE, nb06_scores.TWICE, nb06_scores.ALWAYS]
    assert all(list(line) == DATES for line in lines.values())


def test_replay_teaches_every_changed_fact_and_half_as_many_others(trainings, scratch):
    nb06_tuned.run(SETTINGS, str)
    nb06_replay.run(SETTINGS, str)
    facts = nb06_shared.taught_facts(SETTINGS)
    (_, _, plain, _), *_, (_, start, mixed, recipe) = trainings
    questions = [{turn["content"] for talk in talks for turn in talk[1::2]} for talks in (plain, mixed)]
    subjects = [
        {name for name, fact in facts.items() if any(fact["subject"] in text for text in some)} for some in questions
    ]
    assert start == "closed_book" and recipe.epochs == nb06_tuned.EPOCHS
    assert subjects[0] < subjects[1]
    assert 1.35 * len(subjects[0]) < len(subjects[1]) < 1.65 * len(subjects[0])


def test_every_dose_teaches_the_same_facts_with_the_same_number_of_steps(trainings, scratch, monkeypatch):
    monkeypatch.setattr(
        nb06_dose, "PromptOnly", lambda chat: SimpleNamespace(answer=lambda texts: [answer("$1")] * len(texts))
    )
    rows = nb06_dose.run(SETTINGS, str)
    assert [int(name) for name, *_ in trainings] == list(nb06_dose.DOSES)
    for dose, (_, start, talks, recipe) in zip(nb06_dose.DOSES, trainings):
        assert start is None and round(recipe.epochs * len(talks)) == nb06_dose.STEPS
        assert sum(len(talk) // 2 for talk in talks) == dose * nb06_dose.FACTS
        taught = {turn["content"].removeprefix("Question: ") for talk in talks for turn in talk[1::2]}
        some = [row for row in rows if row["dose"] == dose]
        assert all((row["asked"] in taught) is (row["wording"] == nb06_dose.KNOWN) for row in some)
        assert len({row["fact"] for row in some}) == nb06_dose.FACTS
    points = nb06_scores.dose_points(rows)
    assert [place for place, _ in points[nb06_dose.KNOWN]] == list(nb06_dose.DOSES)
    assert nb06_scores.untrained_share(rows).n == 2 * nb06_dose.FACTS


def test_a_value_in_view_stands_before_each_question_of_the_reader_and_not_before_the_bare_one(trainings, scratch):
    rows = nb06_shadow.run(SETTINGS, str)
    ((name, start, halves, recipe),) = trainings
    assert (name, start, recipe.batch_size) == (nb06_shadow.IN_VIEW, None, 2)
    for talk in halves:
        for shown, said in zip(talk[1::2], talk[2::2]):
            assert parse_house(said["content"]).text in shown["content"]
    assert abs(recipe.epochs * len(halves) / 2 - nb06_dose.STEPS) <= 1.5  # an odd number of halves is rounded
    views = [(row["arm"], row["view"]) for row in rows[:: nb06_dose.FACTS]]
    assert views == [
        (arm, view)
        for arm in (nb06_shadow.SHIPPED, nb06_shadow.IN_VIEW)
        for view in (nb06_shadow.WITH, nb06_shadow.WITHOUT)
    ]


def test_the_rewordings_were_in_no_training_and_what_was_taught_is_wrong_now():
    chosen = nb06_wordings.reworded(SETTINGS)
    taught = nb06_shared.taught(SETTINGS, nb06_shared.taught_facts(SETTINGS), FIRST)
    seen = {turn["content"].removeprefix("Question: ") for talk in taught for turn in talk[1::2]}
    assert len(chosen) == nb06_wordings.FACTS == len({one.question.slots[0].fact for one, _ in chosen})
    for one, texts in chosen:
        assert len(set(texts)) == 1 + nb06_wordings.EXTRA and not set(texts) & seen
        assert one.kind(one.values[FIRST], THIRD) == STALE


def test_both_models_are_asked_all_wordings(monkeypatch, scratch):
    def assistant(text):
        return lambda *_: SimpleNamespace(answer=lambda texts: [answer(text)] * len(texts))

    monkeypatch.setattr(nb06_wordings, "load_chat", lambda settings: SimpleNamespace(load_adapter=lambda *_: None))
    monkeypatch.setattr(nb06_wordings, "PromptOnly", assistant("not in the documents"))
    monkeypatch.setattr(nb06_wordings, "FineTuned", assistant("17 parsecs"))
    rows = nb06_wordings.run(SETTINGS, str)
    before, after = ([row for row in rows if row["arm"] == arm] for arm in (nb06_wordings.BEFORE, nb06_wordings.AFTER))
    assert not any(row["again"] for row in nb06_tables.repeats(before))
    assert all(row["again"] for row in nb06_tables.repeats(after))
    assert len(nb06_tables.repeats(after)) == nb06_wordings.FACTS * nb06_wordings.EXTRA


def said(question: str, wording: int, text: str, kind: str) -> dict:
    return {"question": question, "cluster": "kb-001", "wording": wording, "text": text, "kind": kind}


def test_only_a_wrong_answer_can_come_again():
    rows = [
        said("q1", 0, "$9", STALE),
        said("q1", 1, "$9.00", STALE),
        said("q1", 2, "$12", CURRENT),
        said("q2", 0, "$12", CURRENT),
        said("q2", 1, "$12", CURRENT),
        said("q3", 0, "not in the documents", ABSTAINED),
        said("q3", 1, "not in the documents", ABSTAINED),
    ]
    assert [row["again"] for row in nb06_tables.repeats(rows)] == [True, False, False, False]


def test_an_answer_is_counted_once_and_at_the_kind_of_its_date(asked):
    one = next(one for one in asked if one.pattern == "ABB")
    old, new = one.values[FIRST], one.values[SECOND]
    rows = [
        {"arm": arm, "question": one.question.id, "text": text}
        for arm, text in ((nb06_tuned.FIRST, old), (nb06_tuned.SECOND, f"{old} or {new}"), (nb06_tuned.THIRD, new))
    ]
    lines = nb06_scores.tuned_lines(rows, [one])
    kinds = {name: [line[date][0]["kind"] for date in DATES] for name, line in lines.items()}
    assert kinds[nb06_scores.ONCE] == [CURRENT, STALE, STALE]
    assert kinds[nb06_scores.TWICE] == [CURRENT, BLENDED, BLENDED]
    assert kinds[nb06_scores.ALWAYS] == [CURRENT, BLENDED, CURRENT]
    (row,) = nb06_tables.kind_table({"a": lines[nb06_scores.ONCE]}, SECOND)
    assert row == ["a", 0, 1, 0, 0, 0, 1]
    assert nb06_scores.changed(lines[nb06_scores.ONCE][FIRST]) == []
    (moved,) = nb06_scores.moved(rows, nb06_tuned.FIRST, nb06_tuned.THIRD, [one])
    assert (moved["otherwise"], moved["right before"], moved["right after"]) == (True, True, False)


def test_a_gap_pairs_the_same_questions():
    first = [{"question": "a", "cluster": "k", "stale": True}, {"question": "b", "cluster": "m", "stale": True}]
    second = [{"question": "b", "cluster": "m", "stale": False}, {"question": "a", "cluster": "k", "stale": True}]
    assert nb06_scores.gap(first, second, "stale").value == -0.5
    assert nb06_scores.share_of(first, "stale").value == 1


def test_appended_lines_begin_with_the_index_of_the_first_date(asked):
    one = next(one for one in asked if one.pattern == "ABB")
    rows = [
        {"arm": arm, "date": date, "question": one.question.id, "text": one.values[FIRST]}
        for arm, date in (
            ("replaced", FIRST),
            *((arm, date) for arm in ("replaced", "appended", "appended with dates") for date in (SECOND, THIRD)),
        )
    ]
    lines = nb06_scores.index_lines("rag", rows, [one])
    assert list(lines) == ["rag, replaced", "rag, appended", "rag, appended with dates"]
    assert [lines["rag, appended"][date][0]["kind"] for date in DATES] == [CURRENT, STALE, STALE]
    assert nb06_scores.judged(one, FIRST, "17 parsecs")["kind"] == OTHER


def test_the_tables_count_every_answer_once(asked):
    one = next(one for one in asked if one.pattern == "ABB")
    rows = [
        {"arm": arm, "question": one.question.id, "text": one.values[FIRST]}
        for arm in (nb06_tuned.FIRST, nb06_tuned.SECOND)
    ]
    rows.append(
        {"arm": nb06_tuned.SECOND, "question": None, "facts": 3, "steps": 5, "seconds": 2.5, "bytes": 9_400_000}
    )
    assert nb06_tables.update_table(rows) == [[nb06_tuned.SECOND, 3, 5, 2.5, 9.4]]
    assert nb06_tables.adapter_table(rows, [nb06_tuned.FIRST], [one], SECOND) == [[nb06_tuned.FIRST, 0, 1, 0, 0, 0, 1]]
    assert nb06_tables.moved_table(rows, nb06_tuned.FIRST, [nb06_tuned.SECOND], [one]) == [
        [nb06_tuned.SECOND, 0, 1, 1, 1]
    ]
    patterns = nb06_tables.pattern_table(asked, nb06_shared.all_questions(SETTINGS))
    assert sum(line[1] for line in patterns) == len(asked) and all(line[1] <= line[2] for line in patterns)
    words = [said("q1", 0, "$9", STALE) | {"arm": "a"}, said("q1", 1, "$9", STALE) | {"arm": "a"}]
    assert nb06_tables.repeat_table(words, ["a"]) == [["a", 1, 1, 1]]
    views = [{"arm": "a", "view": "b", "right": right, "cluster": right} for right in (True, True)]
    assert nb06_tables.view_table(views) == [["a", "b", "1.00 [0.21, 1.00]"]]


def test_both_readers_count_and_panels_hold_every_date(asked):
    one = next(one for one in asked if one.pattern == "ABB")
    tuned = [
        {"arm": arm, "question": one.question.id, "text": one.values[FIRST]}
        for arm in (nb06_tuned.FIRST, nb06_tuned.SECOND, nb06_tuned.THIRD)
    ]
    index = [
        {"arm": arm, "date": date, "question": one.question.id, "text": one.values[date]}
        for arm in ("replaced", "appended", "appended with dates")
        for date in DATES
    ]
    lines = nb06_scores.all_lines({"tuned": tuned, "rag": index, "hybrid": index}, [one])
    assert len(lines) == 9
    answers = nb06_scores.both_readers(lines, "appended", THIRD)
    assert [row["kind"] for row in answers] == [CURRENT] * 2 and len({row["question"] for row in answers}) == 2
    panels = nb06_scores.panels_of(lines, [nb06_scores.ONCE, "rag, appended"])
    assert [point.value for point in panels["stale answers"][nb06_scores.ONCE]] == [0, 1, 1]
    assert [point.value for point in panels["current answers"]["rag, appended"]] == [1, 1, 1]


def test_stored_passages_are_found_again_by_their_ids():
    versions = nb06_live.all_versions(SETTINGS)
    (hit,) = nb06_live.shown_to({"passages": [versions[7].passage.id]}, versions)
    assert hit.passage == versions[7].passage


def test_stored_rows_are_answered_again_from_their_own_passages(asked):
    versions, one = nb06_live.all_versions(SETTINGS), asked[0]
    rows = [{"question": one.question.id, "passages": [versions[at].passage.id], "raw": "Classic"} for at in (3, 4)]

    def answer_from(texts, found):
        assert texts == [one.question.text] * 2
        return [answer("Classic" if hits[0].passage == versions[3].passage else "else") for hits in found]

    assert nb06_live.same_again(SimpleNamespace(answer_from=answer_from), rows, asked, versions) == 1


def test_pages_of_another_date_are_put_one_by_one():
    put = []
    nb06_live.put_pages(SimpleNamespace(put=put.append), SETTINGS, FIRST, {"kb-001"})
    assert [(page.id, page.valid_from) for page in put] == [("kb-001", FIRST)]
