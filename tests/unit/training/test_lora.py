"""LoRA training on a tiny random model: it learns, touches nothing else, and can be repeated and reloaded."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from types import SimpleNamespace

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file

from course_lib.errors import DataError
from course_lib.models.chat import ChatModel
from course_lib.models.weights import chat_folder
from course_lib.settings import load_settings
from course_lib.training.examples import IGNORE, encode
from course_lib.training.lora import (
    LENGTH_STEP,
    Recipe,
    _LabelledTrainer,
    _padded,
    labelled_tokens,
    save_adapter,
    train_lora,
)
from tests.unit.tiny_model import tiny

pytestmark = pytest.mark.usefixtures("one_thread")
RECIPE = Recipe(rank=2, alpha=4, learning_rate=5e-2, epochs=4, batch_size=2, dtype="float32")
TALKS = [
    [{"role": "user", "content": f"Question: {question}"}, {"role": "assistant", "content": answer}]
    for question, answer in (
        ("What does Classic cost?", "$74"),
        ("How much notice?", "12 days"),
        ("Which form?", "TW-F-311"),
        ("When is the depot open until?", "7:10 pm"),
        ("Who?", "Rider Desk"),
        ("How far?", "580 miles"),
    )
]
LONG = [
    *TALKS[0],
    {"role": "user", "content": "Question: And how long does it run, in words?"},
    {"role": "assistant", "content": "At least five months, unless you are a student, and then ten weeks."},
]


def small(tokenizer):
    """Return a model to train, whose input and output embeddings are one, as in the course's."""
    return tiny(tokenizer, initializer_range=0.2, tied=True)


@pytest.fixture(scope="module")
def trained(tokenizer):
    return train_lora(small(tokenizer), tokenizer, TALKS, RECIPE, log_every=1)


def adapter(model):
    return {name: value.detach().clone() for name, value in model.named_parameters() if value.requires_grad}


def digest_of_frozen(model):
    """Digest the base weights, by their names without peft's wrapping."""
    digest = hashlib.sha256()
    frozen = {
        name.replace("base_model.model.", "").replace(".base_layer", ""): value
        for name, value in model.named_parameters()
        if "lora_" not in name
    }
    for name in sorted(frozen):
        digest.update(name.encode() + frozen[name].detach().numpy().tobytes())
    return digest.hexdigest()


def adapted(tokenizer):
    """Return the tiny model with a random adapter that changes its loss."""
    model = get_peft_model(small(tokenizer), LoraConfig(task_type="CAUSAL_LM", r=2, target_modules="all-linear"))
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    return model.eval()


def loss_of(model, batch):
    with torch.no_grad():
        return float(_LabelledTrainer.compute_loss(SimpleNamespace(_autocast=False), model, batch))


def full_loss_of(model, batch):
    with torch.no_grad():
        return float(model(input_ids=batch["input_ids"], labels=batch["labels"]).loss)


# What is learned


def test_the_loss_falls(trained):
    losses = [row["loss"] for row in trained.log]
    assert len(losses) == 12, "6 conversations, 2 a step, 4 times"
    assert [row["step"] for row in trained.log] == list(range(1, 13))
    assert sum(losses[-3:]) < 0.9 * sum(losses[:3])
    assert trained.seconds > 0


def test_the_frozen_weights_stay_as_they_were_bit_for_bit(trained, tokenizer):
    assert digest_of_frozen(trained.model) == digest_of_frozen(small(tokenizer))
    assert all("lora_" in name for name in adapter(trained.model))
    assert all(value.abs().max() > 0 for value in adapter(trained.model).values()), "every part of the adapter moved"


def test_only_the_modules_named_are_adapted(tokenizer):
    recipe = Recipe(rank=3, alpha=6, targets=("q_proj", "v_proj"), epochs=1, dtype="float32")
    names = adapter(train_lora(small(tokenizer), tokenizer, TALKS[:1], recipe).model)
    assert {name.split(".")[-4] for name in names} == {"q_proj", "v_proj"}
    assert {min(value.shape) for value in names.values()} == {3}


def test_the_same_seed_gives_the_same_adapter_and_another_seed_another(trained, tokenizer):
    model = small(tokenizer)
    torch.rand(7)  # whatever was drawn before makes no difference
    again = adapter(train_lora(model, tokenizer, TALKS, RECIPE, log_every=1).model)
    assert all(torch.equal(value, again[name]) for name, value in adapter(trained.model).items())
    other = adapter(train_lora(small(tokenizer), tokenizer, TALKS, Recipe(**{**RECIPE.as_dict(), "seed": 8})).model)
    assert not any(torch.equal(value, again[name]) for name, value in other.items())


def test_the_adapter_stays_float32_while_the_base_is_bfloat16(tokenizer):
    recipe = Recipe(rank=2, epochs=1, dtype="bfloat16")
    model = train_lora(small(tokenizer).to(torch.bfloat16), tokenizer, TALKS[:2], recipe).model
    assert {value.dtype for value in adapter(model).values()} == {torch.float32}
    assert {value.dtype for name, value in model.named_parameters() if "lora_" not in name} == {torch.bfloat16}


def test_the_trained_model_is_ready_to_answer_and_progress_was_told(tokenizer):
    lines = []
    trained = train_lora(small(tokenizer), tokenizer, TALKS[:4], RECIPE, say=lines.append, log_every=4)
    assert not trained.model.training
    assert [line.split(",")[0] for line in lines] == ["step 4 of 8", "step 8 of 8"]


def test_a_conversation_that_teaches_nothing_is_an_error(tokenizer):
    with pytest.raises(DataError, match="no assistant turn"):
        train_lora(small(tokenizer), tokenizer, [TALKS[0][:1]], RECIPE)


# The loss


@pytest.mark.parametrize("talk", [TALKS[0], TALKS[3], LONG])
def test_the_loss_over_labeled_positions_is_the_model_s_own_loss(tokenizer, talk):
    model, example = adapted(tokenizer), encode(tokenizer, talk)
    batch = {"input_ids": torch.tensor([example.input_ids]), "labels": torch.tensor([example.labels])}
    assert loss_of(model, batch) == pytest.approx(full_loss_of(model, batch), abs=1e-5)


def test_its_gradient_is_the_model_s_own_gradient(tokenizer):
    example = encode(tokenizer, LONG)
    batch = {"input_ids": torch.tensor([example.input_ids]), "labels": torch.tensor([example.labels])}
    ours, theirs = (adapted(tokenizer) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    _LabelledTrainer.compute_loss(SimpleNamespace(_autocast=False), ours, copy.copy(batch)).backward()
    theirs(**batch).loss.backward()
    for (name, one), (_, other) in zip(ours.named_parameters(), theirs.named_parameters()):
        assert not one.requires_grad or torch.allclose(one.grad, other.grad, atol=1e-5), name


def test_padding_changes_neither_loss_nor_length_step(tokenizer):
    model, example = adapted(tokenizer), encode(tokenizer, TALKS[0])
    padded = _padded(tokenizer.pad_token_id)([example])
    length = LENGTH_STEP * math.ceil(len(example.input_ids) / LENGTH_STEP)
    assert padded["input_ids"].shape == padded["labels"].shape == (1, length)
    assert length > len(example.input_ids)
    assert (padded["labels"][0, len(example.labels) :] == IGNORE).all()
    bare = {"input_ids": torch.tensor([example.input_ids]), "labels": torch.tensor([example.labels])}
    assert loss_of(model, padded) == pytest.approx(loss_of(model, bare), abs=1e-5)


def test_a_step_takes_the_mean_loss_of_its_conversations(tokenizer):
    pair = [TALKS[0], LONG]
    fresh = get_peft_model(small(tokenizer), LoraConfig(task_type="CAUSAL_LM", r=2, target_modules="all-linear")).eval()
    apart = [loss_of(fresh, _padded(tokenizer.pad_token_id)([encode(tokenizer, talk)])) for talk in pair]
    recipe = Recipe(rank=2, epochs=1, batch_size=2, dtype="float32")
    (row,) = train_lora(small(tokenizer), tokenizer, pair, recipe, log_every=1).log
    assert row["loss"] == pytest.approx(sum(apart) / 2, abs=1e-3)


def test_labeled_tokens_are_those_the_loss_is_taken_over(tokenizer):
    examples = [encode(tokenizer, talk) for talk in TALKS]
    told = [talk[1]["content"] + tokenizer.eos_token for talk in TALKS]
    answers = tokenizer(told, add_special_tokens=False)["input_ids"]
    assert labelled_tokens(examples) == sum(len(tokens) for tokens in answers)


# What is saved


def test_a_saved_adapter_is_small_and_names_its_base_and_no_place_of_this_machine(trained, tokenizer, tmp_path):
    save_adapter(trained.model, tmp_path / "new", "tiny-model")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"adapter_model.safetensors", "adapter_config.json"}
    text = (tmp_path / "new" / "adapter_config.json").read_text()
    config = json.loads(text)
    assert config["base_model_name_or_path"] == "tiny-model" and config["inference_mode"] is True
    assert (config["r"], config["lora_alpha"]) == (2, 4)
    assert str(tmp_path) not in text and str(chat_folder(load_settings()).parent) not in text
    assert not [value for value in config.values() if isinstance(value, str) and value.startswith(("/", "~"))]
    tensors = load_file(tmp_path / "new" / "adapter_model.safetensors")
    assert {tensor.dtype for tensor in tensors.values()} == {torch.bfloat16}
    assert len(tensors) == len(adapter(trained.model))


def test_saving_twice_gives_the_same_bytes(trained, tmp_path):
    for name in ("one", "two"):
        save_adapter(trained.model, tmp_path / name, "tiny-model")
    for name in ("adapter_model.safetensors", "adapter_config.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_saved_adapter_loads_again_and_answers_as_it_was_trained(trained, tokenizer, tmp_path):
    save_adapter(trained.model, tmp_path, "tiny-model")
    chat = ChatModel(small(tokenizer), tokenizer)
    chat.load_adapter("again", tmp_path)
    ids = tokenizer([chat.render(TALKS[0][:1])], return_tensors="pt", add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        ours = trained.model(ids).logits
        with trained.model.disable_adapter():
            base = trained.model(ids).logits
        with chat.using("again"):
            theirs = chat.model(ids).logits
    assert (ours - theirs).abs().mean() < 0.05 * (ours - base).abs().mean(), "the same but for rounding to bfloat16"
