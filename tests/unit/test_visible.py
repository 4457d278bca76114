"""Characters that cannot be seen are written as their codes, wherever the course shows text from outside."""

import pytest

from course_lib.teaching.markup import visible as in_notebooks
from course_lib.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain $5\n\tindented", "plain $5\n\tindented"),
        ("a\u202eb", "a<U+202E>b"),
        ("zero\u200bwidth", "zero<U+200B>width"),
        ("\x1b[2J", "<U+001B>[2J"),
        ("half \ud800", "half <U+D800>"),
        ("line\u2028end", "line<U+2028>end"),
    ],
)
def test_hidden_characters_become_codes_and_the_rest_stays(text, shown):
    assert visible(text) == in_notebooks(text) == shown


def test_windows_line_ends_are_line_ends_in_notebooks_only():
    assert in_notebooks("a\r\nb") == "a\nb" and visible("a\r\nb") == "a<U+000D>\nb"
