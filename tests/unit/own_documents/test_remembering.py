"""What the model has answered is on disk at once and not asked again."""

from __future__ import annotations

import pytest

from course_lib.own_documents import remembering
from course_lib.own_documents.remembering import RememberingChat
from tests.unit.own_documents.samples import FakeChat

ASKED = [[{"role": "user", "content": f"What costs ${number}? {'word ' * number}"}] for number in range(5)]


class Broken(FakeChat):
    """Answers one block, then dies like a run that is killed."""

    def generate(self, conversations, *rest, **named):
        if self.asked:
            raise KeyboardInterrupt
        return super().generate(conversations, *rest, **named)


def test_completions_are_those_of_the_model_in_the_order_asked(tmp_path):
    chat = RememberingChat(FakeChat(), "m", tmp_path / "a.jsonl")
    assert chat.generate(ASKED) == FakeChat().generate(ASKED)


def test_a_second_run_asks_only_what_is_new(tmp_path):
    RememberingChat(FakeChat(), "m", tmp_path / "a.jsonl").generate(ASKED[:3])
    again = FakeChat()
    RememberingChat(again, "m", tmp_path / "a.jsonl").generate(ASKED)
    assert sorted(again.asked) == sorted(messages[-1]["content"] for messages in ASKED[3:])


def test_an_interrupted_run_keeps_every_finished_block(tmp_path, monkeypatch):
    monkeypatch.setattr(remembering, "BLOCK", 2)
    with pytest.raises(KeyboardInterrupt):
        RememberingChat(Broken(), "m", tmp_path / "a.jsonl").generate(ASKED)
    rest = FakeChat()
    RememberingChat(rest, "m", tmp_path / "a.jsonl").generate(ASKED)
    assert len(rest.asked) == 3


@pytest.mark.parametrize("change", [{"mark": "n"}, {"adapter": "reading"}, {"longest": 9}])
def test_another_model_adapter_or_length_is_asked_anew(tmp_path, change):
    RememberingChat(FakeChat(), "m", tmp_path / "a.jsonl").generate(ASKED)
    again = FakeChat()
    chat = RememberingChat(again, change.get("mark", "m"), tmp_path / "a.jsonl")
    chat.generate(ASKED, change.get("longest", 64), change.get("adapter"))
    assert len(again.asked) == 5


@pytest.mark.parametrize("damage", ["no json", '{"key": "k"}\n', '{"key": "k", "said": {"text": "x"}}\n', "[]\n"])
def test_a_damaged_file_is_written_anew(tmp_path, damage):
    (tmp_path / "a.jsonl").write_text(damage)
    assert len(RememberingChat(FakeChat(), "m", tmp_path / "a.jsonl").generate(ASKED)) == 5


def test_progress_counts_what_was_known_already(tmp_path):
    RememberingChat(FakeChat(), "m", tmp_path / "a.jsonl").generate(ASKED[:3])
    said = []
    RememberingChat(FakeChat(), "m", tmp_path / "a.jsonl").generate(ASKED, say=said.append)
    assert said == ["5 of 5 answered"]
