"""Behavior of the settings."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from course_lib.errors import CourseError
from course_lib.settings import DEFAULT_CHAT_MODEL, ROOT, Settings, load_settings

WHOLE = {"COURSE_THREADS": "threads", "COURSE_BATCH": "batch_size", "COURSE_SEED": "seed"}
NAMES = [*WHOLE, "COURSE_CHAT_MODEL", "COURSE_CACHE", "COURSE_DTYPE", "COURSE_DATA"]


def test_without_variables_the_published_set_up_is_used():
    settings = load_settings({})
    assert settings == Settings()
    assert (settings.chat_model, settings.dtype, settings.seed) == (DEFAULT_CHAT_MODEL, "float32", 7)
    assert settings.data == ROOT / "data"
    assert (settings.data / "facts.jsonl").is_file()


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("COURSE_CHAT_MODEL", "Qwen/Qwen3-0.6B", "chat_model", "Qwen/Qwen3-0.6B"),
        ("COURSE_CACHE", "/some/cache", "cache", Path("/some/cache")),
        ("COURSE_DTYPE", "bfloat16", "dtype", "bfloat16"),
        ("COURSE_THREADS", "2", "threads", 2),
        ("COURSE_BATCH", "1", "batch_size", 1),
        ("COURSE_SEED", "0", "seed", 0),
        ("COURSE_DATA", "/some/data", "data", Path("/some/data")),
    ],
)
def test_each_variable_sets_its_own_field_and_no_other(name, text, field, value):
    assert load_settings({name: text}) == dataclasses.replace(Settings(), **{field: value})


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_variable_counts_as_unset(name):
    assert load_settings({name: ""}) == Settings()


@pytest.mark.parametrize("name", ["COURSE_CACHE", "COURSE_DATA"])
def test_a_tilde_stands_for_the_home_folder(name):
    settings = load_settings({name: "~/course"})
    assert Path.home() / "course" in (settings.cache, settings.data)


@pytest.mark.parametrize("text", ["many", "-1", "+1", "1.5", "1e3", "0x10", "1 2", "\u00b2"])
@pytest.mark.parametrize("name", WHOLE)
def test_what_is_not_a_whole_number_is_refused_with_its_name_and_a_remedy(name, text):
    with pytest.raises(CourseError) as caught:
        load_settings({name: text})
    assert name in caught.value.cause and repr(text) in caught.value.cause
    assert "whole number of at least" in caught.value.remedy


def test_a_batch_has_at_least_one_question():
    with pytest.raises(CourseError, match="COURSE_BATCH is '0'"):
        load_settings({"COURSE_BATCH": "0"})


@pytest.mark.parametrize("dtype", ["float16", "FLOAT32", "torch.float32", "int8"])
def test_an_unknown_dtype_is_refused_and_the_known_ones_are_named(dtype):
    with pytest.raises(CourseError, match="COURSE_DTYPE") as caught:
        load_settings({"COURSE_DTYPE": dtype})
    assert "float32, bfloat16" in caught.value.remedy


def test_the_process_environment_is_read_when_none_is_given(monkeypatch):
    monkeypatch.setenv("COURSE_SEED", "123")
    assert load_settings().seed == 123
    assert load_settings({}).seed == 7


def test_settings_cannot_be_changed_and_can_be_a_cache_key():
    settings = load_settings({})
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.seed = 1
    assert len({settings, load_settings({})}) == 1
