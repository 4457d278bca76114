"""Batched generation and adapters, on a tiny random model with the real tokenizer."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

from course_lib.errors import WeightsError
from course_lib.files import sha256_of, write_json
from course_lib.models.batching import (
    LEAST_SHARED,
    READ_TOGETHER,
    USUAL_LENGTH,
    Completion,
    batches,
    shared_start,
)
from course_lib.models.chat import ChatModel, load_chat
from course_lib.settings import Settings
from course_lib.training.lora import save_adapter
from tests.unit.tiny_model import tiny

pytestmark = pytest.mark.usefixtures("one_thread")
TOKENS = 6
READ_STEPS = 2  # in which READ_TOGETHER + 1 prompts are read
TALKS = [
    [{"role": "user", "content": text}]
    for text in (
        "How much is Classic per month, and what do I pay to join, all in all?",
        "Hi",
        "Which form do I need?",
        "Where?",
        "A much longer question about the bike that was delivered on Tuesday, whose bell fell off.",
    )
]
INSTRUCTION = {"role": "system", "content": "Answer the customer from the passages, and from nothing else. " * 4}
INSTRUCTED = [[INSTRUCTION, *talk] for talk in TALKS]


@pytest.fixture(scope="module")
def adapters(tokenizer, tmp_path_factory):
    """Two random adapters of the tiny model, saved as the course saves them."""
    folders = {}
    for seed, name in enumerate(("first", "second"), 1):
        adapted = get_peft_model(tiny(tokenizer), LoraConfig(task_type="CAUSAL_LM", r=2, target_modules="all-linear"))
        torch.manual_seed(seed)
        for parameter in adapted.parameters():
            if parameter.requires_grad:
                torch.nn.init.normal_(parameter, std=0.5)
        folders[name] = tmp_path_factory.mktemp(name)
        save_adapter(adapted, folders[name], "tiny")
    return folders


@pytest.fixture
def chat(tokenizer):
    return ChatModel(tiny(tokenizer), tokenizer, batch_size=2)


def texts(completions: list[Completion]) -> list[str]:
    return [completion.text for completion in completions]


# Generation


@contextmanager
def shapes_read(chat: ChatModel) -> Iterator[list[tuple[int, int]]]:
    """Collect the shapes, (rows, tokens), of what the model reads."""
    shapes: list[tuple[int, int]] = []
    words = chat.model.get_input_embeddings()
    hook = words.register_forward_hook(lambda module, inputs, output: shapes.append(tuple(inputs[0].shape)))
    yield shapes
    hook.remove()


def test_completions_come_back_in_the_order_asked_although_batches_are_sorted_by_length(chat):
    alone = [chat.generate([talk], TOKENS)[0].text for talk in TALKS]
    with shapes_read(chat) as shapes:
        assert texts(chat.generate(TALKS, TOKENS)) == alone and len(set(alone)) == len(TALKS)
    prompts = [shape for shape in shapes if shape[1] > 1]
    assert [rows for rows, _ in prompts] == [2, 2, 1]
    assert [length for _, length in prompts] == sorted({length for _, length in prompts}), "short ones first"


def test_prompts_are_read_a_few_at_a_time_and_answered_together(chat, tokenizer):
    talks = [TALKS[at % len(TALKS)] for at in range(2 * READ_TOGETHER + 1)]
    with shapes_read(chat) as shapes:
        ChatModel(chat.model, tokenizer, batch_size=len(talks)).generate(talks, 2)
    assert [rows for rows, _ in shapes] == [READ_TOGETHER, READ_TOGETHER, 1, len(talks)]


@pytest.mark.parametrize(
    "talks",
    [TALKS, INSTRUCTED, [TALKS[0], INSTRUCTED[1]], [INSTRUCTED[0]] * 3],
    ids=["short", "same start", "different start", "the same question"],
)
@pytest.mark.parametrize("size", [1, 3, 16])
def test_text_does_not_depend_on_who_else_is_asked(chat, tokenizer, talks, size):
    batched = ChatModel(chat.model, tokenizer, batch_size=size).generate(talks, TOKENS)
    alone = [chat.generate([talk], TOKENS)[0] for talk in talks]
    assert texts(batched) == texts(alone)
    assert [done.tokens_in for done in batched] == [done.tokens_in for done in alone], "padding is not counted"
    for one, other in zip(batched, alone):
        assert one.first_logprob == pytest.approx(other.first_logprob, abs=1e-3)
        assert one.min_logprob == pytest.approx(other.min_logprob, abs=1e-3)


def test_what_all_prompts_begin_with_is_read_once(chat):
    with shapes_read(chat) as read:
        chat.generate(INSTRUCTED, 1)
    start = len(shared_start([chat._tokens(talk) for talk in INSTRUCTED]))
    assert start > LEAST_SHARED and read[0] == (1, start)
    longest = max(len(chat._tokens(talk)) for talk in INSTRUCTED)
    assert all(length <= longest - start for _, length in read[1:]), "and not again for each prompt"


def test_tokens_are_counted_and_time_is_shared(chat, tokenizer):
    done = chat.generate(TALKS, TOKENS)
    for talk, completion in zip(TALKS, done):
        assert completion.tokens_in == len(tokenizer(chat.render(talk), add_special_tokens=False)["input_ids"])
        assert completion.tokens_out == TOKENS
        assert completion.seconds > 0
    assert done[1].seconds == done[3].seconds, "the two shortest shared a batch"


def test_confidence_is_the_model_s_own_log_probability(chat, tokenizer):
    prompt = tokenizer(chat.render(TALKS[0]), return_tensors="pt", add_special_tokens=False)["input_ids"]
    (done,) = chat.generate(TALKS[:1], TOKENS)
    ids, chosen = prompt, []
    for _ in range(TOKENS):
        with torch.no_grad():
            logprobs = chat.model(ids).logits[0, -1].log_softmax(-1)
        chosen.append(float(logprobs.max()))
        ids = torch.cat([ids, logprobs.argmax().view(1, 1)], dim=1)
    assert done.text == tokenizer.decode(ids[0, prompt.shape[1] :], skip_special_tokens=True).strip()
    assert done.first_logprob == pytest.approx(chosen[0], abs=1e-4)
    assert done.min_logprob == pytest.approx(min(chosen), abs=1e-4)


@contextmanager
def ending(chat: ChatModel, ends: dict[int, int]) -> Iterator[list[int]]:
    """Make rows of a batch end, {step: row}, and be as unsure as can be while they stay; collects rows at each step."""
    rows: list[int] = []

    def end(module, inputs, logits):
        rows.append(len(logits))
        if len(rows) in ends:
            row = logits[ends[len(rows)], -1]
            row[chat.tokenizer.eos_token_id] = row.max() + 20
        for step, place in ends.items():
            if len(rows) > step and len(logits) == rows[step - 1]:  # nobody has left since
                logits[place, -1] = 0.0
        return logits

    hook = chat.model.lm_head.register_forward_hook(end)
    yield rows
    hook.remove()


def test_an_answer_ends_with_its_end_mark_which_is_counted_and_not_shown(chat, tokenizer):
    free_long, free_short = chat.generate(TALKS[:2], TOKENS)
    with ending(chat, {3: 0}) as rows:  # the shorter prompt comes first
        long, short = chat.generate(TALKS[:2], TOKENS)
    assert rows == [2, 2, 2, 1, 1, 1], "and then it leaves"
    assert (long.tokens_out, short.tokens_out) == (TOKENS, 3)
    assert long.text == free_long.text
    assert tokenizer.eos_token not in short.text
    assert free_short.text.startswith(short.text) and short.text != free_short.text


def test_answers_that_ended_leave_and_the_others_go_on_unchanged(chat, tokenizer):
    size = len(TALKS)
    free = ChatModel(chat.model, tokenizer, batch_size=READ_TOGETHER).generate(TALKS[:READ_TOGETHER], TOKENS)
    order = sorted(range(READ_TOGETHER), key=lambda at: free[at].tokens_in)
    with ending(chat, {2: 1, 3: 0}) as rows:
        done = ChatModel(chat.model, tokenizer, batch_size=size).generate(TALKS[:READ_TOGETHER], TOKENS)
    assert rows == [4, 4, 3, 2, 2, 2]
    assert [done[at].tokens_out for at in order] == [3, 2, TOKENS, TOKENS]
    for at in order[2:]:
        assert done[at].text == free[at].text
        assert done[at].min_logprob == pytest.approx(free[at].min_logprob, abs=1e-3)


def test_what_comes_after_the_end_mark_does_not_count(chat, tokenizer):
    talks = TALKS[:READ_TOGETHER] + TALKS[:1]  # of five, the one that has ended stays for a while
    model = ChatModel(chat.model, tokenizer, batch_size=len(talks))
    with ending(chat, {READ_STEPS + 1: 0}) as rows:
        done = model.generate(talks, TOKENS)
    assert set(rows[READ_STEPS:]) == {len(talks)}
    shortest = min(done, key=lambda one: one.tokens_in)
    assert shortest.tokens_out == 2 and {one.tokens_out for one in done} == {2, TOKENS}
    assert shortest.min_logprob > -math.log(len(tokenizer)) + 1, "nor how unsure it is"
    assert tokenizer.eos_token not in shortest.text


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], []),
        ([10, 20, 30, 40, 50], [[0, 1, 2], [3, 4]]),
        ([USUAL_LENGTH, USUAL_LENGTH * 3 // 2, USUAL_LENGTH * 3 // 2, USUAL_LENGTH * 3], [[0, 1], [2], [3]]),
        ([USUAL_LENGTH * 9, USUAL_LENGTH * 9], [[0], [1]]),
    ],
)
def test_a_batch_is_bounded_in_prompts_and_in_tokens(lengths, expected):
    assert list(batches(range(len(lengths)), lengths, 3)) == expected


def test_the_prompt_is_the_chat_template_ready_for_the_answer(chat):
    assert (
        chat.render([{"role": "system", "content": "S"}, {"role": "user", "content": "U"}])
        == "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n"
    )


def test_progress_is_told_after_each_batch_and_nothing_asked_is_nothing_answered(chat):
    lines = []
    chat.generate(TALKS, 1, say=lines.append)
    assert lines == ["2 of 5 answered", "4 of 5 answered", "5 of 5 answered"]
    assert chat.generate([]) == []


def test_the_same_question_gives_the_same_text_every_time(chat):
    assert texts(chat.generate(TALKS, TOKENS)) == texts(chat.generate(TALKS, TOKENS))


# Adapters


@pytest.mark.parametrize("talks", [TALKS[:3], INSTRUCTED[:3]], ids=["short", "same start"])
def test_adapters_switch_and_the_base_comes_back(chat, adapters, talks):
    base = texts(chat.generate(talks, TOKENS))
    for name, folder in adapters.items():
        chat.load_adapter(name, folder)
    spoken = {name: [chat.generate([talk], TOKENS, adapter=name)[0].text for talk in talks] for name in adapters}
    assert len({tuple(base), *map(tuple, spoken.values())}) == 3, "each adapter changes the text in its own way"
    for name in ("second", None, "first", None, "second"):
        assert texts(chat.generate(talks, TOKENS, adapter=name)) == (spoken[name] if name else base)


def test_an_adapter_speaks_the_same_whichever_was_loaded_first(tokenizer, adapters):
    spoken = []
    for order in (("first", "second"), ("second", "first")):
        model = ChatModel(tiny(tokenizer), tokenizer)
        for name in order:
            model.load_adapter(name, adapters[name])
        spoken.append([texts(model.generate(TALKS, TOKENS, adapter=name)) for name in sorted(order)])
    assert spoken[0] == spoken[1]


def test_loading_a_name_again_does_nothing(chat, adapters):
    chat.load_adapter("first", adapters["first"])
    spoken = texts(chat.generate(TALKS, TOKENS, adapter="first"))
    chat.load_adapter("first", adapters["second"])
    assert texts(chat.generate(TALKS, TOKENS, adapter="first")) == spoken


def test_an_error_while_answering_leaves_the_base_in_place(chat, adapters):
    base = texts(chat.generate(TALKS, TOKENS))
    chat.load_adapter("first", adapters["first"])
    with pytest.raises(ZeroDivisionError), chat.using("first"):
        _ = 1 / 0
    with pytest.raises(ZeroDivisionError), chat.using(None):
        _ = 1 / 0
    assert texts(chat.generate(TALKS, TOKENS)) == base


@pytest.mark.parametrize("loaded", [False, True])
def test_an_unknown_adapter_is_named_with_a_remedy(chat, adapters, loaded):
    if loaded:
        chat.load_adapter("first", adapters["first"])
    with pytest.raises(WeightsError, match="No adapter named 'mystery'") as caught:
        chat.generate(TALKS[:1], TOKENS, adapter="mystery")
    assert "load_adapter" in caught.value.remedy


def damage(folder, kind):
    """Put nothing into a folder, or an adapter that cannot be used."""
    config = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 2, "target_modules": ["q_proj"]}
    if kind != "missing":
        (folder / "adapter_config.json").write_text("{" if kind == "broken config" else json.dumps(config))
    if kind == "cut short":
        (folder / "adapter_model.safetensors").write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00{")
    if kind == "of another model":
        config = LlamaConfig(
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            intermediate_size=32,
            vocab_size=99,
        )
        lora = LoraConfig(task_type="CAUSAL_LM", r=2, target_modules=["q_proj"])
        save_adapter(get_peft_model(LlamaForCausalLM(config), lora), folder, "other")


@pytest.mark.parametrize("kind", ["missing", "no weights", "broken config", "cut short", "of another model"])
def test_an_adapter_that_cannot_be_used_is_an_error_and_does_no_harm(chat, adapters, tokenizer, tmp_path, kind):
    base = texts(chat.generate(TALKS, TOKENS))
    damage(tmp_path, kind)
    with pytest.raises(WeightsError, match="cannot be loaded") as caught:
        chat.load_adapter("bad", tmp_path)
    assert "retrain" in caught.value.remedy
    assert texts(chat.generate(TALKS, TOKENS)) == base
    with pytest.raises(WeightsError, match="No adapter named 'bad'"):
        chat.generate(TALKS[:1], TOKENS, adapter="bad")
    chat.load_adapter("first", adapters["first"])
    fresh = ChatModel(tiny(tokenizer), tokenizer)
    fresh.load_adapter("first", adapters["first"])
    assert texts(chat.generate(TALKS, TOKENS, adapter="first")) == texts(fresh.generate(TALKS, TOKENS, adapter="first"))


def test_an_adapter_that_differs_from_its_manifest_is_refused_with_a_remedy(chat, adapters, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(adapters["first"], folder)
    weights = folder / "adapter_model.safetensors"
    write_json(folder / "manifest.json", {"adapter_sha256": sha256_of(weights)})
    chat.load_adapter("whole", folder)
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))  # a number changes, the form stays
    with pytest.raises(WeightsError, match="SHA-256") as caught:
        chat.load_adapter("damaged", folder)
    assert str(weights) in caught.value.cause
    assert "git checkout" in caught.value.remedy and "retrain copy" in caught.value.remedy


@pytest.mark.parametrize("content", ["{", "{}", "[]"])
def test_a_damaged_manifest_of_an_adapter_is_named(chat, adapters, tmp_path, content):
    shutil.copytree(adapters["first"], tmp_path / "copy")
    (tmp_path / "copy" / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(WeightsError, match=r"manifest\.json is damaged"):
        chat.load_adapter("first", tmp_path / "copy")


# Loading


def test_a_model_in_a_folder_of_the_learner_s_own_is_loaded(chat, tokenizer, tmp_path):
    chat.model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    loaded = load_chat(Settings(chat_model=str(tmp_path), batch_size=3))
    assert loaded.batch_size == 3
    assert texts(loaded.generate(TALKS, TOKENS)) == texts(chat.generate(TALKS, TOKENS))


def test_pickled_weights_are_refused_with_a_remedy(chat, tokenizer, tmp_path):
    chat.model.config.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    torch.save(chat.model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(WeightsError, match="no file named model.safetensors") as caught:
        load_chat(Settings(chat_model=str(tmp_path)))
    assert "save_pretrained" in caught.value.remedy and "pickled" in caught.value.remedy


def test_damaged_weights_of_the_learner_s_own_are_an_error_with_a_remedy(chat, tokenizer, tmp_path):
    chat.model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(WeightsError, match="cannot be loaded"):
        load_chat(Settings(chat_model=str(tmp_path)))


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no such model", "/no/such/folder"])
def test_an_unknown_model_is_named_with_a_remedy(name):
    with pytest.raises(WeightsError, match="cannot be loaded") as caught:
        load_chat(Settings(chat_model=name))
    assert name in caught.value.cause and "COURSE_CHAT_MODEL" in caught.value.remedy


def test_a_folder_without_a_model_is_named_with_a_remedy(tmp_path):
    with pytest.raises(WeightsError, match="cannot be loaded") as caught:
        load_chat(Settings(chat_model=str(tmp_path)))
    assert "COURSE_CHAT_MODEL" in caught.value.remedy


def test_weights_that_were_not_prepared_are_an_error_with_the_command_that_prepares_them(tmp_path):
    with pytest.raises(WeightsError, match="not prepared") as caught:
        load_chat(Settings(cache=tmp_path))
    assert "python -m course_lib prepare" in caught.value.remedy
