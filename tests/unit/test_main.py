"""The commands turn mistakes into one clear error and an exit status."""

import pytest

from course_lib.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", ""], "is empty"),
        (["ask", "   \n"], "is empty"),
        (["ask", "x" * 50_000], "50,000 characters"),
        (["retrain", "mystery"], "no adapter 'mystery'"),
    ],
)
def test_bad_input_is_named_with_a_remedy_and_exit_status_1(arguments, words, capsys):
    assert main(arguments) == 1
    printed = capsys.readouterr().err
    assert words in printed and "What to do:" in printed


def test_missing_weights_name_the_command_that_makes_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "empty"))
    assert main(["ask", "How much is the deposit?"]) == 1
    assert "python -m course_lib prepare" in capsys.readouterr().err


def test_a_setting_that_cannot_be_used_is_named(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DTYPE", "int3")
    assert main(["check-env"]) == 1
    assert "COURSE_DTYPE" in capsys.readouterr().err


def test_unknown_chat_model_is_named(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_CHAT_MODEL", "nobody/no-such-model")
    assert main(["ask", "How much is the deposit?"]) == 1
    printed = capsys.readouterr().err
    assert "nobody/no-such-model" in printed and "COURSE_CHAT_MODEL" in printed


def test_no_command_shows_the_commands(capsys):
    assert main([]) == 2
    printed = capsys.readouterr().err
    assert all(
        command in printed for command in ("prepare", "tour", "report", "check-env", "retrain", "review", "diagnose")
    )
