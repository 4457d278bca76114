"""Make characters visible that cannot be seen: in a terminal, a report or a notebook they could act unnoticed."""

from __future__ import annotations

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, direction and zero-width characters, broken halves, odd line ends


def visible(text: object) -> str:
    """Return a text in which characters that cannot be seen are written as their codes, such as ``<U+202E>``.

    A file name or a passage could otherwise move the cursor of a terminal, or turn the direction of a line. Tabs and
    line ends (U+000A) are kept.
    """
    return "".join(
        f"<U+{ord(letter):04X}>" if unicodedata.category(letter) in _HIDDEN and letter not in "\n\t" else letter
        for letter in str(text)
    )
