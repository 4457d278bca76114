"""Training for one experiment and answering with the result, on a tiny random model."""

from __future__ import annotations

import pytest

from course_lib.errors import WeightsError
from course_lib.settings import Settings
from course_lib.training.lora import Recipe
from course_lib.training.runs import TRAINED, trained_chat
from tests.unit.tiny_model import tiny

pytestmark = pytest.mark.usefixtures("one_thread")
TALK = [{"role": "user", "content": "Where is the depot?"}, {"role": "assistant", "content": "By the harbor."}]
RECIPE = Recipe(rank=2, targets=("q_proj",), epochs=3, batch_size=1, learning_rate=0.05, dtype="float32")


@pytest.mark.parametrize("padded", [True, False])
def test_a_model_of_the_learner_s_own_is_trained_and_answers_with_what_it_learned(tokenizer, tmp_path, padded):
    own = tmp_path / "own"
    tiny(tokenizer).save_pretrained(own)
    if not padded:
        tokenizer.pad_token = None
    tokenizer.save_pretrained(own)
    chat, seconds = trained_chat(Settings(chat_model=str(own)), [TALK], RECIPE, tmp_path / "adapter")
    assert seconds > 0
    bare, taught = (chat.generate([TALK[:1]], 8, adapter=adapter)[0].text for adapter in (None, TRAINED))
    assert bare != taught


def test_a_model_that_cannot_be_loaded_is_named_with_a_remedy(tmp_path):
    with pytest.raises(WeightsError, match="'no such model' cannot be loaded") as caught:
        trained_chat(Settings(chat_model="no such model"), [TALK], RECIPE, tmp_path)
    assert "COURSE_CHAT_MODEL" in caught.value.remedy
