"""The exercises of notebook 11."""

from __future__ import annotations

from tests.notebooks.case import Case


def money(body: str) -> str:
    return f"import re\n\n\ndef names_money(text):\n    {body}"


def card(body: str) -> str:
    return f"def is_card(text):\n    {body}"


DIGITS = "digits = [int(letter) for letter in text if letter.isdigit()]\n    "
CASES = {
    "11.1": Case(
        {
            money("pass"): "a plain amount",
            money("return '$' in text"): "without any number",
            money(r"return bool(re.search(r'\d', text))"): "counts days",
            money(r"return bool(re.search(r'\$\d', text))"): "written with the word",
            money(r"return bool(re.search(r'\$\d|\d dollars', text))"): "one single dollar",
            money(r"return bool(re.search(r'\$\d|\d dollar', text))"): "a capital letter",
            money(
                r"return bool(re.search(r'\$\d', text)) or ('dollar' in text.lower() and bool(re.search(r'\d', text)))"
            ): "far from the word",
            money(r"return bool(re.search(r'\$\d|\d.*dollar', text, re.IGNORECASE))"): "far from the word",
            money(
                r"return bool(re.search(r'\d dollar', text, re.I)) or ('$' in text and bool(re.search(r'\d', text)))"
            ): "far from the sign",
            money("return text[99]"): "IndexError",
            "names_money = 5": "function itself",
        }
    ),
    "11.2": Case(
        {
            card("pass"): "returns nothing",
            card("return True"): "What has to be true of the sum",
            card("return False"): "Which digits are doubled",
            card("return sum(int(letter) for letter in text) % 10 == 0"): "Not every character",
            card(
                DIGITS + "return sum(d if i % 2 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0"
            ): "from which end",
            card(DIGITS + "return sum(2 * d if i % 2 else d for i, d in enumerate(digits[::-1])) % 10 == 0"): (
                "a doubled digit"
            ),
            "is_card = 5": "function itself",
        }
    ),
}
