"""Checks of the exercises in notebook 11: they say what is wrong and where to look, never the answer."""

from __future__ import annotations

from collections.abc import Callable

from course_lib.teaching.checks import called, not_yet, passed

# A draft, whether it names an amount of money, and what to say if the answer is otherwise.
_DRAFTS: tuple[tuple[str, bool, str], ...] = (
    ("You get $12 back.", True, "a plain amount with a sign before it is passed over."),
    ("Your deposit comes back within 12 days.", False, "a number that counts days is held for money."),
    ("The $ sign on the screen is a fault.", False, "a sign without any number is held."),
    ("It costs $1,200.50 a year.", True, "an amount with a comma in it is passed over."),
    ("We take 15 dollars off.", True, "an amount that is written with the word is passed over."),
    ("That is 1 dollar.", True, "one single dollar is passed over."),
    ("We take 15 Dollars off.", True, "a capital letter is enough to get past your check."),
    ("Error 204 shows on the display.", False, "a code is held for money."),
    ("Dollars are fine, so are cards. Ask at desk 12.", False, "a number far from the word is held for money."),
    ("In 3 days you can pay in dollars.", False, "a number far from the word is held for money."),
    ("The $ sign is a fault that takes 2 days.", False, "a number far from the sign is held for money."),
)
# Digits as a customer types them, and whether they pass.
_NUMBERS: tuple[tuple[str, bool], ...] = (
    ("4111 1111 1111 1111", True),
    ("5500-0055-5555-5559", True),
    ("378282246310005", True),
    ("4111 1111 1111 1112", False),
    ("1234 5678 9012 3456", False),
    ("79927398713", True),
    ("79927398710", False),
)
_HINTS = {ValueError: "your function stopped with {error}. Not every character is a digit."}


def check_names_money(function: Callable[[str], bool]) -> bool:
    """Check a function that tells whether a draft names an amount of money."""
    for draft, expected, message in _DRAFTS:
        given, problem = called(function, draft, hints=_HINTS)
        if not problem and bool(given) != expected:
            problem = message
        if problem:
            return not_yet(f"{problem} (tried with: {draft})")
    return passed("11.1", "Your trigger sees signs and words, and leaves other numbers alone.")


def check_card(function: Callable[[str], bool]) -> bool:
    """Check a function that tells whether digits pass the test that card numbers pass."""
    for digits, expected in _NUMBERS:
        given, problem = called(function, digits, hints=_HINTS)
        if not problem and given is None:
            problem = "your function returns nothing. Does it end with a `return` line?"
        if not problem and bool(given) != expected:
            problem = _card_problem(digits, expected)
        if problem:
            return not_yet(f"{problem} (tried with: {digits})")
    return passed("11.2", "Your check knows cards of several lengths from other numbers.")


def _card_problem(digits: str, expected: bool) -> str:
    if not expected:
        return "this is no card number, and you let it pass. What has to be true of the sum?"
    length = sum(letter.isdigit() for letter in digits)
    if length % 2:
        return "this number passes, and you say no. It has an odd number of digits: from which end do you count?"
    if any(letter in "56789" for letter in digits):
        return "this number passes, and you say no. What becomes of a doubled digit that has two digits itself?"
    return "this number passes, and you say no. Which digits are doubled, and what has to be true of the sum?"
