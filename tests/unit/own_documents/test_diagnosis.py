"""Questions with or without answers and sources are diagnosed, and what cannot be scored stays missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course_lib.knowledge.chunking import Passage
from course_lib.own_documents.answering import GIVEN, PROMPT_ONLY, RAG, Judged, word_overlap
from course_lib.own_documents.copies import copies_note, copies_of
from course_lib.own_documents.diagnosis import diagnose
from course_lib.own_documents.finding import CHANCE
from course_lib.own_documents.indexing import build_index
from course_lib.own_documents.loading import load_library
from course_lib.own_documents.next_steps import next_steps
from course_lib.own_documents.questions import Asked
from course_lib.own_documents.recommendation import recommend
from course_lib.own_documents.relevance import MOST_STATING, find_targets
from course_lib.own_documents.scores import share
from tests.unit.own_documents import samples


@pytest.fixture
def built(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    samples.write_all(docs)
    (docs / "scan.pdf").write_bytes(samples.pdf(""))
    library = load_library(docs)
    return library, build_index(library.passages(), samples.embed, tmp_path / "cache")


def target_of(built, **fields):
    library, index = built
    (target,) = find_targets([Asked("q1", **{"text": "How much is rye?", **fields})], library, index.passages)
    return target


def diagnosed(built, *asked, load_chat=samples.FakeChat):
    return diagnose(*built, list(asked), load_chat)


def never():
    raise AssertionError("no model is needed")


@pytest.mark.parametrize("source", ["orders.md", "deep/er/notes.txt", "notes.txt"])
def test_a_source_is_a_path_or_a_file_name_that_only_one_document_has(built, source):
    target = target_of(built, source=source)
    assert target.basis == "source" and target.relevant and not target.problem


def test_the_passages_of_the_source_that_state_the_answer_are_the_right_ones(built):
    target = target_of(built, source="orders.md", answers=("$14",))
    assert target.basis == "source and answer" and len(target.relevant) == 1


def test_a_source_that_was_read_in_part_is_named_when_it_does_not_state_the_answer(tmp_path):
    (tmp_path / "fees.rst").write_text("Fees\n====\n\nAll fees of the mill are listed here.\n\n.. include:: list.txt\n")
    library = load_library(tmp_path)
    (target,) = find_targets([Asked("q1", "Rye?", ("$14",), "fees.rst")], library, library.passages())
    assert target.problem == "The source does not state the answer so. Parts of it were not read."


@pytest.mark.parametrize(("right", "named"), [(0, True), (3, True), (18, False)])
def test_a_model_that_fails_with_a_right_passage_in_view_is_what_to_look_at_first(built, right, named):
    result = diagnosed(built, Asked("q1", "What does flour cost?"), load_chat=never)
    told = [share(name, "correct", [place < right for place in range(20)], range(20)) for name in (RAG, GIVEN)]
    steps = next_steps(replace(result, scores=[*result.scores, *told]))
    assert any("better retrieval cannot mend that" in step for step in steps) is named


def test_an_answer_that_stands_all_over_its_source_is_named(tmp_path):
    steps = "\n\n".join(f"## Step {number}\n\nTurn it 3 times, then go to step {number}." for number in range(10, 19))
    (tmp_path / "steps.md").write_text(steps)
    library = load_library(tmp_path)
    (target,) = find_targets([Asked("q1", "How often?", ("3",), "steps.md")], library, library.passages())
    assert target.basis == "source and answer" and "stands in 9 passages" in target.problem


def test_a_copy_that_was_left_out_as_the_source_means_the_file_that_was_kept(tmp_path):
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_bytes(samples.MARKDOWN)
    library = load_library(tmp_path)
    (target,) = find_targets([Asked("q1", "Rye?", ("$14",), "b.md")], library, library.passages())
    assert target.basis == "source and answer" and not target.problem


def test_a_passage_that_stands_in_two_documents_answers_in_both_and_the_report_says_so(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    notice = "A sack of rye flour costs $14 at the counter of the mill."
    (docs / "all.md").write_text(f"# All\n\n{notice}\n\n## Hours\n\nThe mill opens at nine on every day but Sunday.\n")
    (docs / "one.md").write_text(f"# One\n\n{notice}\n")
    library = load_library(docs)
    passages = library.passages()
    (target,) = find_targets([Asked("q1", "Rye?", ("$14",), "one.md")], library, passages)
    assert {passage.text for passage in passages if passage.id in target.relevant} == {notice}
    assert len(target.relevant) == 2
    index = build_index(passages, samples.embed, tmp_path / "cache")
    (note,) = diagnose(library, index, [Asked("q1", "Rye?")], never).notes
    assert note.startswith("67% of the passages stand word for word in more than one document")


def test_short_passages_that_are_alike_are_no_copies():
    passages = [Passage(f"kb-{n}.1", f"kb-{n}", "t", "", "unknown", "New in version 3") for n in range(3)]
    assert copies_of(passages) == {} and copies_note(passages, {}) == ""


def test_a_source_that_does_not_state_the_answer_counts_as_a_whole_and_is_named(built):
    target = target_of(built, source="orders.md", answers=("$99",))
    assert target.basis == "source" and len(target.relevant) > 1 and "does not state" in target.problem


def test_without_a_source_the_passages_that_state_the_answer_are_the_right_ones(built):
    target = target_of(built, answers=("14 dollars",))
    assert target.basis == "answer text" and len(target.relevant) == 1


def test_a_long_answer_is_matched_by_most_of_its_words(built):
    target = target_of(built, answers=("Rye flour: a sack costs $14, and it is sold at the counter",))
    assert target.basis == "answer text" and len(target.relevant) == 1
    target = target_of(built, answers=("Rye bread is baked by the miller and sold on market day in the valley",))
    assert not target.relevant and "No passage states" in target.problem


@pytest.mark.parametrize(
    ("source", "words"), [("scan.pdf", "left out: It has no text"), ("nowhere.md", "not among the documents")]
)
def test_a_source_that_cannot_be_used_is_named_and_the_answer_text_steps_in(built, source, words):
    target = target_of(built, source=source, answers=("$14",))
    assert words in target.problem and target.basis == "answer text" and target.scored


def test_an_answer_that_stands_everywhere_does_not_score_retrieval(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(MOST_STATING + 1):
        (docs / f"{number}.md").write_text(f"The answer to question {number} is yes.")
    library = load_library(docs)
    (target,) = find_targets([Asked("q1", "Is it?", ("yes",))], library, library.passages())
    assert not target.scored and "do not tell where" in target.problem


def test_one_question_with_a_source_needs_no_model(built):
    result = diagnosed(built, Asked("q1", "What does a sack of rye flour cost?", (), "orders.md"), load_chat=never)
    score = result.score("both", "hit_at_1")
    assert (score.value, score.n) == (1.0, 1) and score.low < 0.5
    assert result.score("both", "mrr").low is None
    assert 0 < result.score(CHANCE, "hit_at_1").value < 1
    assert result.score(RAG, "correct") is None


def test_without_answers_and_sources_nothing_is_scored_and_the_first_step_is_to_write_answers(built):
    result = diagnosed(built, Asked("q1", "What does flour cost?"), load_chat=never)
    assert not any(score.n for score in result.scores)
    assert recommend(result).choice == "neither yet" and recommend(result).measured == 0
    assert "expected answer for 1 of 1" in next_steps(result)[0]
    assert result.finding.hits[0]


def test_answers_are_judged_with_their_causes_beside_the_answer_with_the_right_passage(built):
    right = Asked("q1", "What does a sack of rye flour cost at the counter?", ("$14",), "orders.md")
    weeks = Asked("q2", "How often is the millstone dressed?", ("8 weeks",))
    gone = Asked("q3", "What does a donkey cost?", ("$77",))
    result = diagnosed(built, right, weeks, gone)
    said = {(one.target.asked.id, one.system): one for one in result.judged}
    assert said["q1", RAG].correct and said["q1", GIVEN].correct
    assert said["q1", PROMPT_ONLY].cause == "not retrieved"
    assert said["q2", GIVEN].cause == "wrongly refused"
    assert said["q3", RAG].cause == "not in the documents" and ("q3", GIVEN) not in said
    assert result.causes[GIVEN] == {"wrongly refused": 1}
    assert result.score(GIVEN, "correct").value == 0.5


def test_declining_is_right_where_the_documents_do_not_tell(built):
    result = diagnosed(built, Asked("q1", "Who owns the moon?", ("not in the documents",)))
    assert result.score(PROMPT_ONLY, "abstain_recall").value == 1
    assert result.score(PROMPT_ONLY, "correct").value == 1
    assert result.score(PROMPT_ONLY, "false_refusal") is None
    assert not any("documents do not answer" in step for step in next_steps(result))


def test_long_answers_have_an_overlap_and_no_verdict(built):
    expected = "The miller dresses the stone with care and patience every eighth week of the year"
    result = diagnosed(built, Asked("q1", "How is the stone dressed?", (expected,)))
    assert {one.correct for one in result.judged} == {None}
    assert result.score(RAG, "correct") is None and result.score(RAG, "word_overlap").n == 1


def test_word_overlap_is_the_best_f1():
    assert word_overlap("the red mill", ["green", "red mill"]) == 1
    assert word_overlap("red mill", ["red barn"]) == 0.5
    assert word_overlap("", ["red"]) == 0


def test_accepted_proposals_and_foreign_alphabets_are_noted(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("\u043c\u0435\u043b\u044c\u043d\u0438\u0446\u0430 open at 9 $9", encoding="utf-8")
    library = load_library(docs)
    index = build_index(library.passages(), samples.embed, tmp_path / "cache")
    notes = diagnose(library, index, [Asked("q1", "When?", (), "a.md", "accepted")], never).notes
    assert any("taken over unchanged" in note for note in notes) and any("not a to z" in note for note in notes)


def judged_as(result, causes, n=100):
    """Return the diagnosis as if rag had answered n questions, with so many wrong by cause."""
    wrong = [cause for cause, count in causes.items() for _ in range(count)]
    all_causes = [*wrong, *[""] * (n - len(wrong))]
    judged = [Judged(result.targets[0], RAG, None, not cause, cause, None) for cause in all_causes]
    scores = [share(PROMPT_ONLY, "correct", [False] * n, range(n)), share(GIVEN, "correct", [True] * n, range(n))]
    return replace(result, judged=judged, scores=scores, causes={RAG: causes})


@pytest.mark.parametrize(
    ("causes", "choice"),
    [
        ({"not retrieved": 40}, "RAG"),
        ({"not in the documents": 40, "misread": 10}, "neither yet"),
        ({}, "RAG"),
    ],
)
def test_the_failures_of_rag_go_through_the_decision_rules(built, causes, choice):
    result = diagnosed(built, Asked("q1", "How much?", (), "orders.md"), load_chat=never)
    advice = recommend(judged_as(result, causes))
    assert advice.choice == choice and advice.measured == 100
    assert advice.failures == {cause: count / 100 for cause, count in causes.items()}
    assert advice.reasons and advice.measure_next
    for cause, count in causes.items():
        assert any(f"{count}% [" in reason and cause in reason for reason in advice.reasons)


def test_without_answers_the_failures_of_retrieval_go_through_the_rules(built):
    result = diagnosed(built, Asked("q1", "Who was it?", (), "orders.md"), load_chat=never)
    advice = recommend(result)
    assert advice.measured == 1
    assert advice.failures == {"not retrieved": 1 - result.score("both", "hit_at_3").value}


def test_few_questions_never_decide(built):
    result = diagnosed(built, Asked("q1", "What does a sack of rye flour cost?", ("$14",), "orders.md"))
    assert recommend(result).choice == "neither yet"
