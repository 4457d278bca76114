"""What the benchmarks compute from times, shapes and texts."""

from __future__ import annotations

import os

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch.utils.flop_counter import FlopCounterMode
from transformers import LlamaConfig, LlamaForCausalLM

from course_lib.errors import CourseError, DataError
from course_lib.training.lora import LINEAR
from tests.benchmarks.answering import check_same, our_rows, their_rows
from tests.benchmarks.growth import slope
from tests.benchmarks.memory import parts_of
from tests.benchmarks.number_types import rows_of as number_rows
from tests.benchmarks.processes import high_water, in_fresh_process, peak, resident
from tests.benchmarks.rows import met
from tests.benchmarks.training import rows_of as training_rows
from tests.benchmarks.work import attention_work, reading_work, training_work

TOKENS, RANK, FIRST = 24, 3, 1


@pytest.fixture(scope="module")
def small():
    return LlamaForCausalLM(
        LlamaConfig(
            hidden_size=32,
            num_hidden_layers=3,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=8,
            intermediate_size=48,
            vocab_size=64,
            attn_implementation="eager",
        )
    )


def products(work):
    """Return the operations of plain matrix products, without those of attention, as torch counts them."""
    with FlopCounterMode(display=False) as counter:
        work()
    counts = counter.get_flop_counts()["Global"]
    return sum(count for kind, count in counts.items() if kind in (torch.ops.aten.mm, torch.ops.aten.addmm))


def test_the_work_of_reading_is_what_torch_counts(small):
    ids = torch.arange(TOKENS)[None]
    counted = products(lambda: small(ids, logits_to_keep=2, use_cache=False))
    attention = small.config.num_hidden_layers * attention_work(small.config, TOKENS)
    assert reading_work(small.config, TOKENS, 2) - attention == counted


def test_attention_counts_half_of_the_square():
    config = LlamaConfig(hidden_size=32, num_attention_heads=4, head_dim=8)
    whole = 2 * 2 * 32 * 1000**2  # scores and mean, over all pairs
    assert attention_work(config, 1000) == pytest.approx(whole / 2, rel=0.002)


def test_the_work_of_training_is_what_torch_counts(small):
    wanted = LoraConfig(r=RANK, target_modules=list(LINEAR), layers_to_transform=[1, 2], task_type="CAUSAL_LM")
    model = get_peft_model(small, wanted)
    ids = torch.arange(TOKENS)[None]
    counted = products(lambda: model(ids, use_cache=False).logits.sum().backward())
    layers = 3 + 2 * (3 - FIRST)  # attention forward in all, backward twice as much in those that are trained
    attention = layers * attention_work(small.config, TOKENS)
    assert training_work(small.config, TOKENS, TOKENS, RANK, FIRST) - attention == counted


def test_parts_of_memory_are_counted_from_shapes(small):
    parts = parts_of(small.base_model, wanted=5, held=20, size=4)
    assert parts["logits"] == 5 * 64 * 4
    assert parts["keys_and_values"] == 2 * 3 * 20 * 2 * 8 * 4
    assert parts["weights"] == 4 * sum(one.numel() for one in small.base_model.parameters())


def test_the_slope_is_the_power_that_seconds_grow_with():
    sizes = (4, 8, 16, 32)
    assert slope(sizes, [0.5 * size for size in sizes]) == pytest.approx(1)
    assert slope(sizes, [0.5 * size**2 for size in sizes]) == pytest.approx(2)
    assert slope(sizes, [3 + 0.1 * size for size in sizes]) < 1
    with pytest.raises(DataError):
        slope((4, 4), (1.0, 2.0))


def test_the_peak_is_read_in_bytes_and_is_at_least_what_is_held():
    assert high_water("VmPeak:\t 9 kB\nVmHWM:\t  2048 kB\nVmRSS:\t 7 kB") == 2048 * 1024
    with pytest.raises(CourseError, match="kernel"):
        high_water("VmRSS:\t 7 kB")
    assert peak() >= resident() * 0.99 > 10_000_000


def test_an_answer_that_differs_in_a_batch_ends_the_benchmark(capsys):
    check_same(["a", "b", "c"], ["a", "b"])
    assert "first 2 answers" in capsys.readouterr().out
    with pytest.raises(CourseError, match="Answer 2"):
        check_same(["a", "b"], ["a", "B"])


def test_the_ratio_to_llama_cpp_is_of_questions_a_second():
    ours = {"texts": ["a", "b"], "seconds": 2.0, "read": 1.0, "tokens_in": 100, "tokens_out": 12, "peak_share": 0.5}
    answers = [{"text": "a", "seconds": 3.0, "first": 1.0, "written": 5}, {"text": "x", "first": 1.0, "written": 7}]
    theirs = {"version": "1", "settings": "{}", "seconds": 8.0, "rows": answers}
    values = {one["name"]: one["value"] for one in [*our_rows(ours), *their_rows(ours, theirs)]}
    assert values["answering/batch/questions_per_second"] == 1.0
    assert values["answering/batch/decode_tokens_per_second"] == 10.0
    assert values["answering/llama.cpp/decode_tokens_per_second"] == pytest.approx(10 / 6, rel=1e-3)
    assert values["answering/ratio/questions"] == 4.0
    assert values["answering/ratio/prompt_tokens"] == 2.0
    assert values["answering/same_texts"] == 0.5


def test_training_is_compared_with_trainer_and_not_the_other_way_round():
    trainer = {"tokens_per_second": 100.0, "peak": 3_000, "held_out_loss": 1.0, "peak_share": 0.4}
    course = {"tokens_per_second": 250.0, "peak": 1_500, "held_out_loss": 1.1, "peak_share": 0.7}
    rows = {one["name"]: one for one in training_rows({"trainer": trainer, "course": course})}
    judged = {name: (one["value"], met(one["value"], one["target"])) for name, one in rows.items() if one["target"]}
    assert judged == {
        "training/course/peak_share": (0.7, True),
        "training/ratio/tokens_per_second": (2.5, True),
        "training/ratio/peak": (0.5, True),
        "training/difference/held_out_loss": (0.1, False),
    }


def test_number_types_tell_the_share_of_answers_that_change():
    plain = {"texts": ["a", "b"], "answers": ["a", "-"], "correct": [True, False], "seconds": 2.0, "peak": 10}
    short = {"texts": ["a", "c"], "answers": ["a", "-"], "correct": [True, False], "seconds": 1.0, "peak": 5}
    values = {one["name"]: one["value"] for one in number_rows({"float32": plain, "bfloat16": short})}
    assert values["number_types/ratio/questions"] == 2.0
    assert values["number_types/ratio/peak"] == 0.5
    assert values["number_types/texts_differ"] == 0.5
    assert values["number_types/answers_differ"] == 0.0


def test_work_in_a_fresh_process_is_not_done_here():
    assert in_fresh_process(os.getpid) != os.getpid()
    assert in_fresh_process(int, "12") == 12


def test_an_ended_process_is_an_error_that_says_what_to_do():
    with pytest.raises(CourseError, match="smaller sample"):
        in_fresh_process(os._exit, 1)
