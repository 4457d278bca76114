"""Every model of the size ladder gets the same grid, and a flip needs two models that both decide."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from course_lib.errors import DataError, WeightsError
from course_lib.evaluation.statistics import Interval
from course_lib.experiments import nb14_ladder, nb14_rows, nb14_scores
from course_lib.experiments.nb14_rows import Ladder, load_ladder, row_file
from course_lib.experiments.nb14_scores import CELLS, CONCLUSIONS, HALF, LARGER, LEAST, NO, OPEN, RUNGS, YES
from course_lib.files import read_json, write_json
from course_lib.models.chat import Completion
from course_lib.models.other_gguf import GEMMA
from course_lib.models.prompts import house_answer
from course_lib.retrieval.bm25 import BM25Retriever
from course_lib.settings import DEFAULT_CHAT_MODEL, ROOT, Settings
from course_lib.training.lora import ADAPTER_FILES
from tests.unit.tiny_model import tiny

SETTINGS = Settings(data=ROOT / "data")
RETRIEVAL_ENOUGH = "Retrieval alone is enough"


def rows_of(right, form=(0, 0, 1, 1), model="m", parameters=10**6, questions=40):
    """Return rows in which this share of each cell is right, and this share of it has the agreed form."""
    return [
        {
            "model": model,
            "parameters": parameters,
            "digest": "d",
            "cell": cell,
            "question": f"q{number}",
            "cluster": f"kb-{number}",
            "knowledge": number < share * questions,
            "behavior": number < valid * questions,
            "raw": "",
        }
        for cell, share, valid in zip(CELLS, right, form)
        for number in range(questions)
    ]


SMALL, LARGE = rows_of((0, 0.2, 0, 0.7)), rows_of((0, 0.9, 0, 0.9), parameters=10**9)


@pytest.mark.parametrize(
    ("low", "high", "says"), [(0.1, 0.4, YES), (0.09, 0.4, OPEN), (-0.2, 0.09, NO), (-0.2, 0.1, OPEN), (0.0, 0.0, NO)]
)
def test_an_outcome_is_decided_only_if_the_whole_interval_is_on_one_side(low, high, says):
    assert nb14_scores.outcome(Interval((low + high) / 2, low, high, 40), LEAST) == says


def test_a_conclusion_flips_if_one_model_says_yes_and_another_no():
    assert nb14_scores.flips(Ladder({"small": SMALL, "large": LARGE})) == [
        RETRIEVAL_ENOUGH,
        "Training adds right answers to retrieval",
    ]


def test_what_one_model_leaves_open_does_not_flip():
    unsure = rows_of((0, 0.45, 0, 0.7))
    assert nb14_scores.outcomes({"unsure": unsure})[RETRIEVAL_ENOUGH] == {"unsure": OPEN}
    assert RETRIEVAL_ENOUGH not in nb14_scores.flips(Ladder({"unsure": unsure, "large": LARGE}))
    assert RETRIEVAL_ENOUGH not in nb14_scores.flips(Ladder({"small": SMALL, "unsure": unsure}))
    assert RETRIEVAL_ENOUGH in nb14_scores.flips(Ladder({"small": SMALL, "unsure": unsure, "large": LARGE}))


def test_two_models_that_agree_flip_nothing():
    assert nb14_scores.flips(Ladder({"small": SMALL, "twin": SMALL})) == []


def test_one_model_alone_is_no_comparison_and_the_error_names_the_commands():
    with pytest.raises(DataError, match="1 is stored") as caught:
        nb14_scores.flips(Ladder({DEFAULT_CHAT_MODEL: SMALL}))
    assert all(RUNGS[model][1] in caught.value.remedy for model in (GEMMA, LARGER))


def test_a_conclusion_compares_the_cells_that_it_names():
    by_cell = dict(zip(CELLS, (0.1, 0.3, 0.2, 0.7)))
    rows = rows_of(by_cell.values(), (0.0, 0.1, 0.8, 0.9))
    for one in CONCLUSIONS:
        if one.score == nb14_scores.KNOWLEDGE:
            wanted = by_cell[one.cell] - (by_cell[one.beyond] if one.beyond else 0)
            assert nb14_scores.measured(one, rows).value == pytest.approx(wanted)
    forms = [nb14_scores.measured(one, rows).value for one in CONCLUSIONS if one.score == nb14_scores.FORM]
    assert forms == pytest.approx([0.1, 0.8, 0.8])
    assert {one.least for one in CONCLUSIONS if one.beyond is None} == {HALF}
    assert {one.least for one in CONCLUSIONS if one.beyond} == {LEAST}


def test_the_table_names_every_missing_row_and_the_command_that_measures_it():
    table = nb14_scores.ladder_table(Ladder({DEFAULT_CHAT_MODEL: SMALL}))
    assert [line[0] for line in table] == [DEFAULT_CHAT_MODEL, GEMMA, LARGER]
    assert table[0] == (
        DEFAULT_CHAT_MODEL,
        "trained to chat",
        "1 million",
        "0% / 0%",
        "20% / 0%",
        "0% / 100%",
        "70% / 100%",
    )
    for model, says, *cells in table[1:]:
        assert says == f"not measured: {RUNGS[model][1]}" and set(cells) == {None}
    assert nb14_rows.COMMAND in table[1][1] and nb14_rows.COMMAND in table[2][1]


def test_with_a_row_of_the_learners_own_nothing_is_missing():
    full = Ladder({DEFAULT_CHAT_MODEL: SMALL, GEMMA: SMALL, "org/larger": LARGE})
    assert nb14_scores.missing(full) == []
    assert [line[1] for line in nb14_scores.ladder_table(full)][2] == RUNGS[LARGER][0]
    assert len({len(line) for line in nb14_scores.conclusion_table(full)}) == 1


def test_a_row_made_with_other_code_is_named_as_missing_with_the_reason():
    old = Ladder({DEFAULT_CHAT_MODEL: SMALL}, {GEMMA: "x.py has changed since", "org/larger": "y.py has changed since"})
    assert [line[:2] for line in nb14_scores.missing(old)] == [
        (GEMMA, "x.py has changed since"),
        ("org/larger", "y.py has changed since"),
    ]
    assert "org/larger" in nb14_scores.missing(old)[1][2]


@pytest.fixture
def storage(tmp_path, monkeypatch):
    """Stored rows in a folder of the test, made from nothing."""
    monkeypatch.setattr(nb14_rows, "digests", lambda experiment, settings: {"a.py": "1", "b.py": "2"})
    monkeypatch.setattr(nb14_rows, "problems", lambda name, settings: [])
    monkeypatch.setattr(nb14_rows, "load_experiment", lambda name, settings: SMALL)
    return Settings(data=tmp_path / "data", cache=tmp_path / "cache")


def test_a_model_is_added_beside_the_others_and_the_smallest_comes_first(storage, monkeypatch):
    for name, size in (("org/big", 10**9), ("org/tiny", 10)):
        monkeypatch.setattr(
            nb14_rows.ladder, "run", lambda settings, say, args=(name, size): rows_of((0, 1, 0, 1), (0, 0, 1, 1), *args)
        )
        nb14_rows.add_row(replace(storage, chat_model=name), str)
    found = load_ladder(storage)
    assert list(found.rows) == ["org/tiny", DEFAULT_CHAT_MODEL, "org/big"] and not found.outdated
    assert row_file("org/big", storage).name == "org-big.json"


def test_rows_made_with_other_code_do_not_count(storage):
    path = row_file("org/big", storage)
    write_json(path, {"model": "org/big", "rows": LARGE, "made_with": {"a.py": "1", "b.py": "old"}, "seconds": 1})
    assert load_ladder(storage).outdated == {"org/big": "b.py has changed since"}
    write_json(path, {"model": "org/big", "rows": []})
    with pytest.raises(DataError, match="is not what"):
        load_ladder(storage)


@pytest.mark.parametrize(
    ("changes", "says"), [({}, "built-in"), ({"chat_model": "org/big", "dtype": "bfloat16"}, "float32")]
)
def test_only_other_models_in_the_courses_own_settings_are_added(storage, changes, says):
    with pytest.raises(DataError, match=says):
        nb14_rows.add_row(replace(storage, **changes), str)


def test_the_command_measures_the_model_that_it_is_given_and_tells_errors(storage, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(nb14_rows, "add_row", lambda settings, say: seen.append(settings.chat_model))
    assert nb14_rows.main(["some/model"]) == 0 and seen == ["some/model"]
    monkeypatch.undo()
    assert nb14_rows.main([DEFAULT_CHAT_MODEL]) == 1
    assert "What to do" in capsys.readouterr().err


class Parrot:
    """A chat model that says one thing, and remembers what it was asked and with which adapter."""

    def __init__(self):
        self.asked, self.loaded = [], []
        self.model = SimpleNamespace(num_parameters=lambda: 5, state_dict=dict)

    def load_adapter(self, name, folder):
        self.loaded.append((name, folder))

    def generate(self, conversations, max_new_tokens=64, adapter=None):
        self.asked.append((list(conversations), adapter))
        return [Completion(house_answer(["$74"], ["kb-001.1"], "plans"), 9, 9, 0.1, -0.1, -0.1) for _ in conversations]


def test_the_cells_differ_in_passages_and_adapter_alone_and_a_model_is_trained_once(tmp_path, monkeypatch):
    parrot, trained = Parrot(), []

    def train(chat, folder, settings, say):
        trained.append(folder)
        write_json(folder / ADAPTER_FILES[-1], {})

    monkeypatch.setattr(nb14_ladder, "QUESTIONS", 8)
    monkeypatch.setattr(nb14_ladder, "load_chat", lambda settings: parrot)
    monkeypatch.setattr(nb14_ladder, "best_retriever", lambda passages, settings: BM25Retriever(passages))
    monkeypatch.setattr(nb14_ladder, "train", train)
    settings = replace(SETTINGS, cache=tmp_path, chat_model="org/big")
    rows = nb14_ladder.run(settings, str)
    assert [adapter for _, adapter in parrot.asked] == [None, None, nb14_ladder.TRAINED, nb14_ladder.TRAINED]
    none, shown, again, both = (talks for talks, _ in parrot.asked)
    assert none == again and shown == both and none != shown
    assert len(rows) == 4 * 8 and {(row["model"], row["parameters"]) for row in rows} == {("org/big", 5)}
    assert nb14_scores.measured(CONCLUSIONS[0], rows).n == 8
    assert nb14_ladder.run(settings, str) == rows and len(trained) == 1 and len(parrot.asked) == 4


def test_a_model_in_a_folder_is_trained_and_measured(tokenizer, one_thread, tmp_path, monkeypatch):
    for name, value in (("QUESTIONS", 3), ("STEPS", 12), ("MAX_TOKENS", 4)):
        monkeypatch.setattr(nb14_ladder, name, value)
    monkeypatch.setattr(nb14_ladder, "best_retriever", lambda passages, settings: BM25Retriever(passages))
    for part in (tiny(tokenizer, tied=True), tokenizer):
        part.save_pretrained(tmp_path / "mine")
    settings = replace(SETTINGS, cache=tmp_path, chat_model=str(tmp_path / "mine"))
    rows = nb14_ladder.run(settings, str)
    raw = {cell: [row["raw"] for row in rows if row["cell"] == cell] for cell in CELLS}
    assert [len(some) for some in raw.values()] == [3] * 4
    assert raw["base, passages"] != raw["adapter, passages"]  # the adapter is in use
    assert {row["model"] for row in rows} == {"mine"} and len({row["digest"] for row in rows}) == 1
    (saved,) = tmp_path.rglob(ADAPTER_FILES[-1])
    assert read_json(saved)["base_model_name_or_path"] == "mine"


def test_all_questions_can_be_answered_and_the_examples_are_the_same_for_every_model():
    assert len(nb14_ladder.asked_of(SETTINGS)) == nb14_ladder.QUESTIONS
    assert all(question.answerable for question in nb14_ladder.asked_of(SETTINGS))
    other = replace(SETTINGS, chat_model="org/big")
    assert nb14_ladder.taught(SETTINGS) == nb14_ladder.taught(other)
    assert len(nb14_ladder.taught(SETTINGS)) == nb14_ladder.STEPS


def test_a_model_that_cannot_be_trained_says_why(tmp_path, monkeypatch):
    def refuse(*args):
        raise ValueError("Target modules {'q_proj'} not found")

    monkeypatch.setattr(nb14_ladder, "train_lora", refuse)
    chat = SimpleNamespace(model=SimpleNamespace(config=SimpleNamespace(num_hidden_layers=3)), tokenizer=None)
    with pytest.raises(WeightsError, match="not found") as caught:
        nb14_ladder.train(chat, tmp_path, SETTINGS, str)
    assert "q_proj" in caught.value.remedy


def test_a_local_folder_goes_by_its_name(tmp_path):
    (tmp_path / "mine").mkdir()
    assert nb14_ladder.model_name(replace(SETTINGS, chat_model=str(tmp_path / "mine"))) == "mine"
    assert nb14_ladder.model_name(replace(SETTINGS, chat_model="org/big")) == "org/big"


def test_every_shipped_row_fits_the_code_and_is_about_the_same_questions():
    found = load_ladder(SETTINGS)
    assert found.outdated == {} and DEFAULT_CHAT_MODEL in found.rows
    asked = [question.id for question in nb14_ladder.asked_of(SETTINGS)] * len(CELLS)
    assert all([row["question"] for row in rows] == asked for rows in found.rows.values())
    for path in (ROOT / "data" / "results" / "ladder").glob("*.json"):
        stored = read_json(path)
        assert path == row_file(stored["model"], SETTINGS)
        assert {row["model"] for row in stored["rows"]} == {stored["model"]}
