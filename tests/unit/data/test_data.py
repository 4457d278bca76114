"""What the course's data promise: facts, snapshots, questions, gold answers and training texts agree."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from course_lib.evaluation.gold import STRATA, load_facts, load_questions
from course_lib.files import read_jsonl
from course_lib.knowledge.chunking import chunk_article
from course_lib.knowledge.snapshots import load_snapshot, snapshot_dates
from course_lib.knowledge.values import contains
from course_lib.retrieval.dense import embed
from course_lib.settings import ROOT, load_settings

DATA = ROOT / "data"
TYPES = {"money", "percent", "duration", "count", "measure", "code", "date", "time", "contact", "name"}
DATES = snapshot_dates(DATA)
NEWEST = DATES[-1]
FACTS = load_facts(DATA)
SITE = {date: {article.id: article for article in load_snapshot(DATA, date)} for date in DATES}
QUESTIONS = {split: load_questions(DATA, split) for split in ("dev", "test")}
ALL = QUESTIONS["dev"] + QUESTIONS["test"]
GOLD = {row["id"]: row for row in read_jsonl(DATA / "eval" / "gold.jsonl")}
SITES = read_jsonl(DATA / "train" / "sites.jsonl")
WORDINGS = {row["fact"]: row["wordings"] for row in read_jsonl(DATA / "train" / "wordings.jsonl")}
SPLIT = {fact["article"]: fact["split"] for fact in FACTS.values()}


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", text.lower()))


def jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / len(left | right)


def closest_by_words(left: list[str], right: list[str]) -> tuple[float, str, str]:
    sets = [(text, words(text)) for text in right]
    return max(
        (jaccard(mine, theirs), text, other)
        for text, mine in ((text, words(text)) for text in left)
        for other, theirs in sets
    )


def filled(passage: dict) -> str:
    """Write the example values into a training passage."""
    return re.sub(r"\{(\w+)\}", lambda match: passage["slots"][match.group(1)]["value"], passage["text"])


def asked_in_training(rows: list[dict]) -> list[str]:
    return [
        text
        for row in rows
        for passage in row["passages"]
        for text in [*(question["q"] for question in passage["questions"]), *passage["unanswerable"]]
    ]


OWN = [row for row in SITES if row["name"] == "Tarnwheel"]
OTHERS = [row for row in SITES if row["name"] != "Tarnwheel"]
TRAIN_QUESTIONS = asked_in_training(OWN) + [
    text for name, texts in WORDINGS.items() if FACTS[name]["split"] == "train" for text in texts
]


@pytest.fixture(scope="module")
def embedded() -> dict[str, tuple[list[str], np.ndarray]]:
    """Embed the questions of each split.

    Of other sites only those that share a third of their words with a frozen question: all 2,900 take half a minute.
    """
    frozen = [words(question.text) for question in ALL]
    near = [text for text in asked_in_training(OTHERS) if max(jaccard(words(text), mine) for mine in frozen) > 1 / 3]
    texts = {split: [question.text for question in QUESTIONS[split]] for split in QUESTIONS}
    texts["train"] = TRAIN_QUESTIONS + near
    return {split: (found, embed(found, load_settings())) for split, found in texts.items()}


# Snapshots


def test_there_are_three_dates_with_at_least_60_articles_and_150_facts_each():
    assert len(DATES) == 3
    for date in DATES:
        assert len(SITE[date]) >= 60
        assert sum(fact["values"][date] is not None for fact in FACTS.values()) >= 150


@pytest.mark.parametrize("date", DATES)
def test_every_file_is_named_by_its_article(date):
    files = sorted((DATA / "kb" / date).iterdir())
    assert [path.name for path in files] == [f"{name}.md" for name in SITE[date]]


@pytest.mark.parametrize("date", DATES)
def test_no_article_is_newer_than_its_snapshot(date):
    assert [article.id for article in SITE[date].values() if article.valid_from > date] == []
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", article.valid_from) for article in SITE[date].values())


@pytest.mark.parametrize(("before", "after"), zip(DATES, DATES[1:]))
def test_a_changed_article_names_the_version_it_replaces_and_an_unchanged_one_stays_as_it_was(before, after):
    for name in SITE[before].keys() & SITE[after].keys():
        old, new = SITE[before][name], SITE[after][name]
        if old.text == new.text and old.title == new.title:
            assert new == old
        else:
            assert (new.valid_from, new.supersedes) == (after, f"{name}@{old.valid_from}")
    for name in SITE[after].keys() - SITE[before].keys():
        assert SITE[after][name].valid_from == after
        assert SITE[after][name].supersedes.partition("@")[0] in {"", *SITE[before]}


def test_some_articles_appear_and_some_vanish():
    for before, after in zip(DATES, DATES[1:]):
        assert SITE[after].keys() - SITE[before].keys()
        assert SITE[before].keys() - SITE[after].keys()


def test_an_article_keeps_its_category_at_every_date():
    kinds = {(article.id, article.category) for site in SITE.values() for article in site.values()}
    assert len(kinds) == len({name for name, _ in kinds})


# Facts


@pytest.mark.parametrize("date", DATES)
def test_every_value_stands_in_its_article_and_in_its_evidence_line(date):
    told = [fact for fact in FACTS.values() if fact["values"][date] is not None]
    pairs = [
        (fact["id"], fact["values"][date], fact["evidence"][date], SITE[date][fact["article"]].text) for fact in told
    ]
    assert [name for name, value, _, text in pairs if not contains(text, value)] == []
    assert [name for name, value, evidence, _ in pairs if not contains(evidence, value)] == []
    assert [name for name, _, evidence, text in pairs if evidence not in text] == []


@pytest.mark.parametrize("date", DATES)
def test_cutting_an_article_into_passages_tears_no_value_apart(date):
    passages = {name: chunk_article(article) for name, article in SITE[date].items()}
    told = [fact for fact in FACTS.values() if fact["values"][date] is not None]
    assert [
        fact["id"]
        for fact in told
        if not any(contains(passage.text, fact["values"][date]) for passage in passages[fact["article"]])
    ] == []


def test_a_fact_without_a_value_at_a_date_has_no_evidence_there():
    for fact in FACTS.values():
        assert set(fact["values"]) == set(DATES)
        assert set(fact["evidence"]) == {date for date in DATES if fact["values"][date] is not None}
        assert fact["evidence"], f"{fact['id']} never holds"


def test_facts_are_typed_and_belong_to_their_article():
    for name, fact in FACTS.items():
        assert name.startswith(f"{fact['article']}.")
        assert fact["type"] in TYPES
        assert all(SITE[date][fact["article"]].category == fact["category"] for date in fact["evidence"])
        assert fact["subject"]
        assert not any(contains(fact["subject"], value) for value in filter(None, fact["values"].values())), name


def test_every_type_of_value_occurs():
    assert {fact["type"] for fact in FACTS.values()} == TYPES


def test_aliases_are_spellings_of_values_that_the_fact_has():
    for fact in FACTS.values():
        assert set(fact["aliases"]) <= {value for value in fact["values"].values() if value}
        for value, spellings in fact["aliases"].items():
            others = {other for other in fact["values"].values() if other and other != value}
            assert not [(text, other) for text in spellings for other in others if contains(text, other)]


@pytest.mark.parametrize(("before", "after"), zip(DATES, DATES[1:]))
def test_about_4_in_10_facts_change_at_each_step(before, after):
    pairs = [(fact["values"][before], fact["values"][after]) for fact in FACTS.values()]
    kept = [(old, new) for old, new in pairs if old is not None and new is not None]
    share = sum(old != new for old, new in kept) / len(kept)
    assert 0.3 <= share <= 0.55
    assert 0.3 <= sum(old != new for old, new in pairs) / len(pairs) <= 0.55


def test_an_article_belongs_to_one_split_and_every_article_has_facts():
    by_article: dict[str, set[str]] = {}
    for fact in FACTS.values():
        by_article.setdefault(fact["article"], set()).add(fact["split"])
    assert {name: splits for name, splits in by_article.items() if len(splits) > 1} == {}
    assert set(by_article) == {name for site in SITE.values() for name in site}
    assert set(SPLIT.values()) == {"train", "dev", "test"}


# Questions


def test_there_are_120_dev_and_240_test_questions_and_every_stratum_is_in_both():
    assert {split: len(questions) for split, questions in QUESTIONS.items()} == {"dev": 120, "test": 240}
    for questions in QUESTIONS.values():
        counts = Counter(question.stratum for question in questions)
        assert set(counts) == set(STRATA)
        assert min(counts.values()) >= 4


def test_queries_gold_and_corpus_have_the_same_questions_once_each():
    queries = read_jsonl(DATA / "eval" / "queries.jsonl")
    assert [row["_id"] for row in queries] == list(GOLD)
    assert len(read_jsonl(DATA / "eval" / "gold.jsonl")) == len(GOLD)
    assert len({row["text"].lower() for row in queries}) == len(queries)
    for row in queries:
        gold = GOLD[row["_id"]]
        assert row["metadata"] == {"split": gold["split"], "stratum": gold["stratum"]}
        assert row["_id"].startswith(f"{gold['split']}-")
        assert row["text"] == row["text"].strip() != ""


def test_the_corpus_is_the_newest_snapshot():
    expected = [
        {"_id": article.id, "title": article.title, "text": article.text, "metadata": {"category": article.category}}
        for article in SITE[NEWEST].values()
    ]
    assert read_jsonl(DATA / "eval" / "corpus.jsonl") == expected


@pytest.mark.parametrize("split", ["dev", "test"])
def test_qrels_name_the_articles_of_the_gold_answers_and_no_others(split):
    header, *lines = (DATA / "eval" / "qrels" / f"{split}.tsv").read_text(encoding="utf-8").splitlines()
    assert header == "query-id\tcorpus-id\tscore"
    rows = [tuple(line.split("\t")) for line in lines]
    expected = {(question.id, slot.article, "1") for question in QUESTIONS[split] for slot in question.slots}
    assert len(rows) == len(set(rows))
    assert set(rows) == expected


def test_gold_values_are_the_facts_at_the_newest_date():
    for question in ALL:
        for slot in question.slots:
            fact = FACTS[slot.fact]
            assert (slot.value, slot.type) == (fact["values"][NEWEST], fact["type"]), question.id
            assert slot.accepted == tuple(fact["aliases"].get(slot.value, ())), question.id
            assert slot.evidence == fact["evidence"][NEWEST]
            assert slot.article in SITE[NEWEST]


def test_stale_values_are_the_former_values_of_the_facts_asked_for():
    for question in ALL:
        former = {FACTS[slot.fact]["values"][date] for slot in question.slots for date in DATES[:-1]}
        assert set(question.stale) == former - {None} - {slot.value for slot in question.slots}, question.id
        assert len(question.stale) == len(set(question.stale))


def test_many_questions_ask_for_what_has_changed():
    answerable = [question for question in ALL if question.answerable]
    assert sum(bool(question.stale) for question in answerable) > 0.5 * len(answerable)


def test_no_wrong_or_stale_value_counts_as_right_and_no_right_value_as_wrong():
    for question in ALL:
        answer = "; ".join(slot.value for slot in question.slots)
        for wrong in question.stale + question.wrong:
            assert wrong.strip() and not contains(answer, wrong), question.id
            assert not any(contains(wrong, slot.value, slot.accepted) for slot in question.slots), question.id


def test_unanswerable_questions_have_no_slots_and_a_near_article_of_their_split():
    for question in ALL:
        assert question.answerable is (question.stratum != "unanswerable")
        assert GOLD[question.id]["expect"] == ("answer" if question.answerable else "abstain")
        if question.answerable:
            assert question.near == ""
        else:
            assert question.near in SITE[NEWEST] and SPLIT[question.near] == question.split
            assert (question.stale, question.wrong) == ((), ())
            assert GOLD[question.id]["why"].strip()


def test_every_stratum_is_what_its_name_says():
    for question in ALL:
        if question.stratum == "multi_passage":
            found = [
                {
                    passage.id
                    for passage in chunk_article(SITE[NEWEST][slot.article])
                    if contains(passage.text, slot.value)
                }
                for slot in question.slots
            ]
            assert len(found) >= 2 and not set.intersection(*found), question.id
        elif question.answerable:
            assert len(question.slots) == 1, question.id
        if question.stratum == "code":
            assert question.slots[0].type == "code" or re.search(r"\b[A-Z]+-[A-Z0-9-]*\d", question.text), question.id
        if question.stratum in ("near_duplicate", "policy_exception", "false_premise"):
            assert question.wrong, question.id
        if question.stratum == "false_premise":
            assert any(contains(question.text, wrong) for wrong in question.wrong), question.id


def test_no_question_contains_its_own_answer():
    told = [
        question.id for question in ALL for slot in question.slots if contains(question.text, slot.value, slot.accepted)
    ]
    assert told == []


# Splits


def test_questions_ask_about_articles_of_their_own_split_only():
    assert {question.split for question in ALL} == {"dev", "test"}
    wrong = [question.id for question in ALL for slot in question.slots if SPLIT[slot.article] != question.split]
    assert wrong == []
    articles = {split: {question.cluster for question in QUESTIONS[split]} for split in QUESTIONS}
    assert articles["dev"].isdisjoint(articles["test"])
    assert not (articles["dev"] | articles["test"]) & {name for name, split in SPLIT.items() if split == "train"}


def test_every_dev_and_test_article_of_the_newest_date_is_asked_about():
    asked = {slot.article for question in ALL for slot in question.slots}
    assert {name for name in SITE[NEWEST] if SPLIT[name] != "train"} == asked


def test_training_passages_of_tarnwheel_come_from_train_articles_only():
    owners: dict[tuple[str, str, str], set[str]] = {}
    for site in SITE.values():
        for article in site.values():
            for passage in chunk_article(article):
                owners.setdefault((passage.title, passage.section, passage.text), set()).add(article.id)
    used = set()
    for row in OWN:
        for passage in row["passages"]:
            found = owners.get((passage["title"], passage["section"], filled(passage)), set())
            assert found, f"not a passage of the support site: {passage['title']} > {passage['section']}"
            assert {SPLIT[name] for name in found} == {"train"}, (passage["title"], found)
            used |= found
    assert used == {name for name, split in SPLIT.items() if split == "train"}


def test_other_training_sites_are_not_about_tarnwheel():
    texts = asked_in_training(OTHERS) + [
        passage[key] for row in OTHERS for passage in row["passages"] for key in ("title", "section", "text")
    ]
    assert [text for text in texts if "tarnwheel" in text.lower()] == []
    assert len({row["name"] for row in OTHERS}) == len(OTHERS) >= 30


def test_no_training_passage_repeats_a_sentence_of_a_dev_or_test_article():
    frozen = {
        sentence
        for date in DATES
        for article in SITE[date].values()
        if SPLIT[article.id] != "train"
        for passage in chunk_article(article)
        for sentence in re.split(r"(?<=[.!?])\s+", passage.text)
    }
    long = {sentence for sentence in frozen if len(sentence.split()) >= 8}
    texts = [filled(passage) for row in SITES for passage in row["passages"]]
    assert [sentence for sentence in long for text in texts if sentence in text] == []


def test_training_questions_use_the_slots_of_their_passage():
    for row in SITES:
        for passage in row["passages"]:
            slots = set(passage["slots"])
            assert set(re.findall(r"\{([^}]*)\}", passage["text"])) == slots
            for question in passage["questions"]:
                assert question["slots"] and set(question["slots"]) <= slots
                assert set(re.findall(r"\{([^}]*)\}", question["q"])) <= {f"wrong:{slot}" for slot in slots}
            assert not [text for text in passage["unanswerable"] if "{" in text]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param([question.text for question in QUESTIONS[left]], right, id=name)
        for left, right, name in [
            ("dev", [question.text for question in QUESTIONS["test"]], "dev and test"),
            ("dev", TRAIN_QUESTIONS + asked_in_training(OTHERS), "dev and train"),
            ("test", TRAIN_QUESTIONS + asked_in_training(OTHERS), "test and train"),
        ]
    ],
)
def test_no_question_of_one_split_shares_most_words_with_one_of_another(left, right):
    score, one, other = closest_by_words(left, right)
    assert score < 0.7, f"\n{one}\n{other}"


@pytest.mark.parametrize(("left", "right"), [("dev", "test"), ("dev", "train"), ("test", "train")])
def test_no_question_of_one_split_means_the_same_as_one_of_another(embedded, left, right):
    (texts, vectors), (others, other_vectors) = embedded[left], embedded[right]
    cosines = vectors @ other_vectors.T
    row, column = np.unravel_index(cosines.argmax(), cosines.shape)
    assert cosines[row, column] < 0.93, f"\n{texts[row]}\n{others[column]}"


# Wordings


def test_every_fact_has_wordings_that_do_not_give_its_value_away():
    assert set(WORDINGS) == set(FACTS)
    for name, texts in WORDINGS.items():
        assert len(texts) == len({text.lower() for text in texts}) >= 2, name
        values = [value for value in FACTS[name]["values"].values() if value]
        assert not [
            text
            for text in texts
            for value in values
            if contains(text, value, tuple(FACTS[name]["aliases"].get(value, ())))
        ], name


def test_no_wording_is_nearly_a_frozen_question():
    score, one, other = closest_by_words(
        [question.text for question in ALL], [text for texts in WORDINGS.values() for text in texts]
    )
    assert score < 0.8, f"\n{one}\n{other}"


# Files


@pytest.mark.parametrize(
    "name", ["facts.jsonl", "kb", "eval/corpus.jsonl", "eval/queries.jsonl", "eval/gold.jsonl", "eval/qrels", "train"]
)
def test_texts_are_plain_ascii_with_unix_line_ends(name):
    paths = [path for path in [DATA / name, *(DATA / name).rglob("*")] if path.is_file()]
    contents = {path: path.read_bytes() for path in paths}
    assert contents
    assert [path for path, content in contents.items() if not content.isascii()] == []
    assert [path for path, content in contents.items() if b"\r" in content or not content.endswith(b"\n")] == []
