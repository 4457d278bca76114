"""A missing part of the browser tests is a failure that says what to install, not a skip."""

from __future__ import annotations

import shutil

import pytest

from course_lib.settings import ROOT
from tests.browser.browser import find_chromium


def test_without_chromium_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(FileNotFoundError, match="apt-get install chromium"):
        find_chromium()


def test_playwright_is_pinned():
    lines = (ROOT / "requirements-browser.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert len(pins) == 1 and pins[0].startswith("playwright==")
