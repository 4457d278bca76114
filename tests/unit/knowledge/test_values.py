"""Behavior of the value finder on pairs written by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.evaluation.gold import load_facts
from course_lib.knowledge.values import contains, normalize, values_in
from course_lib.settings import ROOT

NUMBERS = st.integers(2, 20_000) | st.integers(2, 40)
SHAPES = ["${}", "{}%", "{} days", "{} business days", "{} bikes", "{} Nm", "E-{}", "TW-BAT-{}", "October {}", "{} pm"]
STATED = [
    # money
    ("It costs $45.", "$45"),
    ("It costs 45 dollars.", "$45"),
    ("$45.00 a month", "$45"),
    ("45 USD", "$45"),
    ("$ 45", "$45"),
    ("($45)", "$45"),
    ("**$45**", "$45"),
    ("$45/month", "$45"),
    ("$45, then $60", "$60"),
    ("$45-$60", "$45"),
    ("$1,250 in all", "$1250"),
    ("$1250", "$1,250"),
    ("$0.11 per mile", "$0.11"),
    ("45\ndollars", "$45"),
    ("ten dollars", "$10"),
    ("forty-five dollars", "$45"),
    ('{"answer": "$45"}', "$45"),
    # percent
    ("15%", "15%"),
    ("15 percent", "15%"),
    ("15 per cent", "15%"),
    ("15 %", "15%"),
    ("5%.", "5%"),
    ("5.2%", "5.2%"),
    ("fifteen percent", "15%"),
    ("a 5.2 percent tax", "5.2%"),
    ("eighty percent", "80%"),
    # duration
    ("within 5 days", "5 days"),
    ("five days", "5 days"),
    ("a 5-day window", "5 days"),
    ("ten-day", "10 days"),
    ("5 day window", "5 days"),
    ("3 to 5 days", "5 days"),
    ("within 5\n  days.", "5 days"),
    ("(5 days)", "5 days"),
    ("1,200 hours", "1200 hours"),
    ("step 1: 5 days", "5 days"),
    ("section 3, 5 days", "5 days"),
    ("5 DAYS", "5 days"),
    ("seventy minutes", "70 minutes"),
    ("twenty-five days", "25 days"),
    ("2.5 hours", "2.5 hours"),
    ("extend each one 9 times", "9 times"),
    ("since 2025 5 days", "5 days"),
    # count
    ("8 bikes", "8 bikes"),
    ("eight bikes", "8 bikes"),
    ("an 8-bike limit", "8 bikes"),
    ("at most 3 claims.", "3 claims"),
    # measure
    ("47 Nm", "47 Nm"),
    ("a 340-mile allowance", "340 miles"),
    ("79 miles per charge", "79 miles"),
    ("3.5 bar", "3.5 bar"),
    ("1.6 mm of pad", "1.6 mm"),
    ("45 feet away", "45 feet"),
    # code
    ("Form TW-F-311, please", "TW-F-311"),
    ("tw-f-311", "TW-F-311"),
    ("PL-624/PL-625", "PL-625"),
    ("`E-12`", "E-12"),
    ("E-12: overheated", "E-12"),
    ("E-12 and E-13.", "E-13"),
    ("TW\u2011F\u2011311", "TW-F-311"),
    ("type PARK FOR GOOD", "PARK FOR GOOD"),
    ("code SPRINGWREN25!", "SPRINGWREN25"),
    # date
    ("by October 19.", "October 19"),
    ("october 19th", "October 19"),
    ("October 19, 2025", "October 19"),
    ("May 3rd", "May 3"),
    ("October 1st", "October 1"),
    ("3 May", "May 3"),
    ("the 3rd of May", "May 3"),
    ("sold until December 23 may let go", "December 23"),
    # time
    ("7:30pm", "7:30 pm"),
    ("7:30 p.m.", "7:30 pm"),
    ("7:30 PM", "7:30 pm"),
    ("until 7:30 p.m. daily", "7:30 pm"),
    ("October 19 7:30 pm", "7:30 pm"),
    ("9 a.m. to 7:30 pm", "9 am"),
    ("9AM", "9 am"),
    # contact
    ("Mail Review@tarnwheel.example.", "review@tarnwheel.example"),
    ("<review@tarnwheel.example>", "review@tarnwheel.example"),
    ("mailto:review@tarnwheel.example", "review@tarnwheel.example"),
    ("call 555-0196.", "555-0196"),
    ("(800) 555-0196", "555-0196"),
    # name
    ("at the tanner hill depot", "Tanner Hill"),
    ("Gantry\nStreet", "Gantry Street"),
    ("'Access Shield'", "Access Shield"),
]

NOT_STATED = [
    # money
    ("It costs $45.", "$4"),
    ("It costs $45.", "$5"),
    ("It costs $4.", "$45"),
    ("$45.50", "$45"),
    ("$1,250", "$250"),
    ("$145", "$45"),
    ("145 dollars", "$45"),
    ("$0.115", "$0.11"),
    ("$10.11", "$0.11"),
    ("$0.11", "$11"),
    ("45", "$45"),
    ("45%", "$45"),
    ("$45k", "$45"),
    ("45 cents", "$0.45"),
    ("twenty-five dollars", "$5"),
    # percent
    ("115%", "15%"),
    ("1.15%", "15%"),
    ("5.2%", "2%"),
    ("5.2%", "5%"),
    ("$15", "15%"),
    ("15 days", "15%"),
    ("15-20%", "20%"),
    # duration
    ("15 days", "5 days"),
    ("2.5 days", "5 days"),
    ("5 business days", "5 days"),
    ("5 days", "5 business days"),
    ("3-5 days", "5 days"),
    ("3\u20135 days", "5 days"),
    ("two weeks", "14 days"),
    ("12 months", "2 months"),
    ("5 weeks", "5 days"),
    ("1,200 hours", "200 hours"),
    ("twenty-five days", "5 days"),
    ("twenty five days", "5 days"),
    ("seventy-five days", "5 days"),
    ("5 daybreaks", "5 days"),
    ("five", "5 days"),
    ("5 days", "5 hours"),
    # count
    ("18 bikes", "8 bikes"),
    ("8 big bikes", "8 bikes"),
    ("8 bikers", "8 bikes"),
    ("thirty-six bikes", "6 bikes"),
    ("8", "8 bikes"),
    # measure
    ("147 Nm", "47 Nm"),
    ("4.7 Nm", "7 Nm"),
    ("13.5 bar", "3.5 bar"),
    ("3.5 bar", "5 bar"),
    ("1.6 mm", "6 mm"),
    ("1,340 miles", "340 miles"),
    ("47 miles", "47 Nm"),
    # code
    ("TW-F-3112", "TW-F-311"),
    ("XTW-F-311", "TW-F-311"),
    ("TW-F-311", "F-311"),
    ("TW-F-311-2", "TW-F-311"),
    ("E-12", "E-1"),
    ("E-1", "E-12"),
    ("TE-12", "E-12"),
    ("AE-12-X", "E-12"),
    ("E12", "E-12"),
    ("E-12a", "E-12"),
    ("E-12.5", "E-12"),
    # date
    ("October 19", "October 1"),
    ("October 1", "October 19"),
    ("November 19", "October 19"),
    ("the 19th", "October 19"),
    # time
    ("7:30 am", "7:30 pm"),
    ("17:30 pm", "7:30 pm"),
    ("7:30", "7:30 pm"),
    ("7 pm", "7:30 pm"),
    ("7:30 pm", "7 pm"),
    ("7:30 pm", "30 pm"),
    ("19:30", "7:30 pm"),
    ("11:05 am", "1:05 am"),
    # contact
    ("preview@tarnwheel.example", "review@tarnwheel.example"),
    ("a-view@tarnwheel.example", "view@tarnwheel.example"),
    ("review@tarnwheel.example.com", "review@tarnwheel.example"),
    ("review@tarnwheel", "review@tarnwheel.example"),
    ("555-01967", "555-0196"),
    ("1555-0196", "555-0196"),
    ("5550196", "555-0196"),
    # name
    ("Tanner Street", "Tanner Hill"),
    ("Tanner Hills", "Tanner Hill"),
    ("Hill, Tanner", "Tanner Hill"),
    ("Mondays and Thursdays", "Monday and Thursday"),
    ("", "$45"),
    ("not in the documents", "$45"),
]

ACCEPTED = [
    ("two weeks", "14 days", ("2 weeks",)),
    ("2 weeks", "14 days", ("two weeks",)),
    ("19:30", "7:30 pm", ("19:30",)),
    ("at 7 miles per hour", "7 mph", ("7 miles per hour",)),
    ("half a dozen bikes", "6 bikes", ("half a dozen bikes",)),
    ("Mondays and Thursdays", "Monday and Thursday", ("Mondays and Thursdays",)),
    ("$45", "$45", ("45 euros",)),
]

NOT_ACCEPTED = [
    ("12 weeks", "14 days", ("2 weeks",)),
    ("119:30", "7:30 pm", ("19:30",)),
    ("17 miles per hour", "7 mph", ("7 miles per hour",)),
    ("twenty-two weeks", "14 days", ("two weeks",)),
]


def digits(value: str) -> str:
    return "".join(letter for letter in value if letter.isdigit())


@pytest.mark.parametrize(("text", "value"), STATED)
def test_a_value_that_the_text_states_is_found(text, value):
    assert contains(text, value)


@pytest.mark.parametrize(("text", "value"), NOT_STATED)
def test_a_value_that_the_text_does_not_state_is_not_found(text, value):
    assert not contains(text, value)


@pytest.mark.parametrize(("text", "value", "accepted"), ACCEPTED)
def test_another_spelling_counts_where_it_is_accepted(text, value, accepted):
    assert contains(text, value, accepted)


@pytest.mark.parametrize(("text", "value", "accepted"), NOT_ACCEPTED)
def test_accepted_spellings_are_matched_whole_too(text, value, accepted):
    assert not contains(text, value, accepted)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Forty-five  Dollars", "$45"),
        ("$1,250.00", "$1250"),
        ("7:30P.M.", "7:30 pm"),
        ("fifteen per cent", "15%"),
        ("a 14-day trial", "a 14 day trial"),
        ("**TW-F-311**", "tw-f-311"),
        ("October 3rd", "october 3"),
        (" a\n\tb ", "a b"),
        ("5\u20136 days", "5-6 days"),
        ("5\u00a0days", "5 days"),
    ],
)
def test_spellings_are_brought_to_one_form(text, plain):
    assert normalize(text) == plain


@settings(deadline=None)
@given(NUMBERS, NUMBERS, st.sampled_from(SHAPES))
def test_one_number_is_never_found_in_another(stated, asked, shape):
    assert contains(f"It is {shape.format(stated)}, as of today.", shape.format(asked)) is (stated == asked)


@settings(deadline=None)
@given(NUMBERS, st.sampled_from(SHAPES), st.sampled_from(SHAPES))
def test_one_unit_is_never_taken_for_another(number, stated, asked):
    assert contains(f"It is {stated.format(number)}.", asked.format(number)) is (stated == asked)


def test_every_value_of_the_support_site_is_found_in_a_sentence_and_no_value_with_some_of_its_digits_is():
    values = {
        (fact["type"], value)
        for fact in load_facts(ROOT / "data").values()
        for value in fact["values"].values()
        if value is not None
    }
    assert len(values) > 300
    for kind, value in sorted(values):
        sentence = f"Today it is {value}, and that is all."
        assert contains(sentence, value)
        alike = [
            other
            for other_kind, other in values
            if other_kind == kind and digits(other) in digits(value) and 0 < len(digits(other)) < len(digits(value))
        ]
        assert [other for other in alike if contains(sentence, other)] == []


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        ("money", "$45 or $0.11, at most $1,250.00.", {"$45", "$0.11", "$1250"}),
        ("money", "45% of 45 days", set()),
        ("percent", "15% or 5.2 percent", {"15%", "5.2%"}),
        (
            "duration",
            "5 days, two weeks, 3 business days and 2.5 hours",
            {"5 day", "2 week", "3 business day", "2.5 hour"},
        ),
        ("date", "October 19, then May 3rd", {"october 19", "may 3"}),
        ("time", "7:30pm, 9 a.m. and 10:15 am", {"7:30 pm", "9 am", "10:15 am"}),
        ("code", "E-12, TW-F-311 and TW-BAT-360.", {"e-12", "tw-f-311", "tw-bat-360"}),
        ("code", "SPRINGWREN25 is a voucher", set()),
        ("contact", "Mail a.b@c.example, or call 555-0196.", {"a.b@c.example", "555-0196"}),
        ("contact", "<help@tarnwheel.example>; 1555-0196", {"help@tarnwheel.example"}),
    ],
)
def test_values_of_a_type_are_listed_in_one_form(kind, text, values):
    assert values_in(text, kind) == values


@pytest.mark.parametrize("kind", ["name", "count", "measure", "unheard of"])
def test_types_without_a_fixed_shape_list_nothing(kind):
    assert values_in("8 bikes at Tanner Hill, 47 Nm", kind) == set()


def test_a_value_that_is_listed_is_also_found():
    text = "Pay $45 or 15% in 5 days, by October 19 at 7:30 pm, with TW-F-311, or call 555-0196."
    for kind in ("money", "percent", "duration", "date", "time", "code", "contact"):
        (value,) = values_in(text, kind)
        assert contains(text, value + "s" if kind == "duration" else value)
