"""Processes that average their gradients take the step of one process, and a failed run says why."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

import numpy as np
import pytest

from course_lib.errors import CourseError
from course_lib.scale import launch
from course_lib.scale.launch import Run, agreement_rows, command, cost_rows, loss_gap, train_in, weight_gap
from course_lib.settings import Settings
from course_lib.training.examples import IGNORE
from tests.unit.tiny_model import tiny


def run(losses, weights, spread=0.0):
    return Run(1, losses, {"a": np.array(weights, dtype=np.float32)}, spread, 9.0, 0.5, 0.4)


@pytest.fixture
def loss_of(tokenizer, one_thread):
    from peft import LoraConfig, get_peft_model

    from course_lib.scale.in_step import LossOf

    return LossOf(get_peft_model(tiny(tokenizer), LoraConfig(task_type="CAUSAL_LM", target_modules=["q_proj"])))


def gradients(model, ids, labels):
    model.zero_grad()
    model(ids, labels).backward()
    return [weight.grad.clone() for weight in model.parameters() if weight.requires_grad]


def test_the_mean_gradient_of_equal_shares_is_the_gradient_of_the_batch(loss_of, tokenizer):
    import torch

    from course_lib.scale.in_step import BATCH, STEPS, batches

    work = batches(tokenizer, Settings())
    assert len(work) == STEPS and all(len(ids) == BATCH for ids, _ in work)
    ids, labels = work[0]
    whole = gradients(loss_of, ids, labels)
    shares = [gradients(loss_of, ids[first::2], labels[first::2]) for first in (0, 1)]
    assert any(gradient.abs().max() > 0 for gradient in whole)
    for together, *apart in zip(whole, *shares):
        assert torch.allclose(together, (apart[0] + apart[1]) / 2, atol=1e-6)


def test_each_conversation_counts_once_however_many_labels_it_has(loss_of, tokenizer):
    import torch

    from course_lib.scale.in_step import batches

    ids, labels = batches(tokenizer, Settings())[0]
    with torch.no_grad():
        one_by_one = [
            loss_of.model(input_ids=ids[row : row + 1], labels=labels[row : row + 1]).loss for row in range(len(ids))
        ]
        assert float(loss_of(ids, labels)) == pytest.approx(float(torch.stack(one_by_one).mean()), rel=1e-5)
    counts = (labels != IGNORE).sum(1)
    assert len(set(counts.tolist())) > 1


def test_runs_are_compared_within_the_tolerance():
    runs = {
        "one": run([2.0, 1.0], [0.5, 0.5]),
        "near": run([2.0, 1.00001], [0.5, 0.50001]),
        "far": run([2.0, 1.1], [0.5, 0.6], spread=0.1),
    }
    assert agreement_rows(runs, 1e-4) == [("near", True, True, True), ("far", False, False, False)]
    assert loss_gap(runs["one"], runs["far"]) == pytest.approx(0.1)
    assert weight_gap(runs["one"], runs["far"]) == pytest.approx(0.1)
    assert cost_rows(runs)[0] == ("one", "2.0000", "1.0000", "9", "0.50", "0.4")
    with pytest.raises(ValueError):
        loss_gap(runs["one"], run([2.0], [0.5, 0.5]))


def test_the_launcher_is_given_the_processes_and_the_control(tmp_path):
    words = command(2, tmp_path, apart=True)
    assert words[words.index("--nproc-per-node") + 1] == "2" and words[-2:] == [str(tmp_path), "--apart"]
    assert "--apart" not in command(1, tmp_path)


def test_a_run_that_fails_says_why_and_what_to_do(monkeypatch):
    said = b"noise\ncourse_lib.errors.WeightsError: the weights are missing\nChildFailedError: bye\n"
    monkeypatch.setattr(launch.subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=1, stderr=said))
    with pytest.raises(CourseError, match="WeightsError: the weights are missing\n  What to do"):
        train_in(2, Settings())


def test_a_run_that_hangs_is_ended(monkeypatch):
    def hang(words, timeout, **_):
        raise subprocess.TimeoutExpired(words, timeout)

    monkeypatch.setattr(launch.subprocess, "run", hang)
    with pytest.raises(CourseError, match="took longer than"):
        train_in(2, Settings())
