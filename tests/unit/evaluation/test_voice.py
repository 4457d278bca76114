"""The rules of the voice tell good replies from bad ones, and facts are compared whatever their spelling."""

from __future__ import annotations

import pytest

from course_lib.evaluation.voice import facts_kept, facts_of, obeyed
from course_lib.evaluation.voice_rules import RULES, SIGN_OFF, sentences_of
from course_lib.files import read_json
from course_lib.settings import ROOT

GUIDE = read_json(ROOT / "data" / "tickets" / "voice_guide.json")
MORE = {  # rule: (good, bad)
    "answer-first": ("No, we don't do that.", "We're sorry for the wait."),
    "short-sentences": ("We open at 9 a.m. Monday. " + "You can come. " * 9, "word " * 19 + "end."),
    "you": ("The Rider Desk can help you.", "Our members can call."),
    "contractions": ("You can leave it as it is. We don't mind.", "You cannot do that."),
    "step-last": (f"It's here. Collect it.\n{SIGN_OFF}", f"It's here. Please collect it.\n{SIGN_OFF}"),
    "active": ("You need to be worried and we closed it.", "It's already been paid."),
    "no-stock-apology": ("We're sorry.", "We apologize."),
    "no-filler": ("Note the code.", "If you have any questions, call us."),
    "short-reply": ("word " * 40 + f"\n{SIGN_OFF}", "word " * 41 + f"\n{SIGN_OFF}"),
    "sign-off": (f"Call us.\n{SIGN_OFF}", f"{SIGN_OFF}\nP.S. Call us."),
    "no-exclamation": ("Great.", "Great!"),
    "plain-words": ("We need your help.", "Please provide assistance."),
    "signs": ("It's $1,250 or 5%.", "It's $12.00 in all."),
    "small-numbers": ("You have two keys, 3 miles, $4, March 5, 6 a.m. and E-7.", "You have two keys for fifty bikes."),
    "model-names": ("Your new Heron and an Ox are here.", "Bring Heron and the ox."),
    "we": ("We can do that for you in our shop.", "Tarnwheel will not do it, and we know."),
    "dates": ("It ends on September 30.", "It ends on Sept 30."),
    "times": ("From 9 a.m. to 5:30 p.m.", "From 9 a.m. to 17:30"),
    "house-words": ("The Rider Desk knows.", "Ask customer support for the app."),
    "no-empty-adverbs": ("It's free.", "It's really free."),
}


@pytest.mark.parametrize("rule", GUIDE, ids=lambda rule: rule["id"])
def test_the_examples_of_the_guide_keep_and_break_their_rule(rule):
    assert obeyed(rule["good"])[rule["id"]] is True
    assert obeyed(rule["bad"])[rule["id"]] is False


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_tells_good_from_bad(rule):
    good, bad = MORE[rule]
    assert obeyed(good)[rule] is True
    assert obeyed(bad)[rule] is False


def test_the_guide_and_the_checks_have_the_same_rules_in_the_same_order():
    assert [rule["id"] for rule in GUIDE] == list(RULES) == list(obeyed("Call us."))


def test_rules_without_bearing_are_not_judged():
    verdicts = obeyed("Come at noon.")
    unjudged = {rule for rule, verdict in verdicts.items() if verdict is None}
    assert unjudged == {
        *("you", "contractions", "signs", "small-numbers", "model-names", "we", "dates", "times", "house-words")
    }


def test_an_empty_reply_keeps_no_answer_and_no_step():
    assert obeyed("")["answer-first"] is False
    assert obeyed("")["step-last"] is False


def test_a_full_stop_in_a_time_does_not_end_the_sentence_before_a_weekday():
    assert sentences_of(f"Come by 9 a.m. Monday. Bring it at 5 p.m. Call us.\n{SIGN_OFF}") == [
        "Come by 9 a.m. Monday.",
        "Bring it at 5 p.m.",
        "Call us.",
    ]


@pytest.mark.parametrize(
    "draft, rewrite",
    [
        ("It is 12 dollars on 3 March at 17:30.", "It's $12 on March 3 at 5:30 p.m."),
        ("USD 7 by 3/14, 9:00 AM", "$7 by March 14, 9 a.m."),
        ("30 Sept, 5 percent, 4 weeks", "September 30, 5%, four weeks"),
        ("This is the one with part TW-SPD-219.", "Part TW-SPD-219 it is."),
        ("Open on the 5th of May. Have fun on Monday.", "Open on May 5. Monday is fun."),
    ],
)
def test_facts_are_kept_in_another_spelling(draft, rewrite):
    assert facts_kept(draft, rewrite)


@pytest.mark.parametrize(
    "draft, rewrite",
    [
        ("It costs $12.", "It costs $13."),
        ("It costs $12 and takes 5 days.", "It costs $12."),
        ("It takes five days.", "It takes five weeks."),
        ("Come on March 3.", "Come on March 3 at 9 a.m."),
        ("Come at 9 a.m.", "Come at 9 p.m."),
        ("Come on Monday.", "Come on Tuesday."),
        ("You have 3 keys.", "You have 4 keys."),
        ("Part TW-SPD-219", "Part TW-SPD-291"),
        ("Call 555-0119.", "Call 555-0191."),
    ],
)
def test_a_lost_changed_or_added_fact_is_seen(draft, rewrite):
    assert not facts_kept(draft, rewrite)


def test_facts_are_named_by_kind():
    assert facts_of("Pay $5 on Monday.") == {("money", "$5"), ("weekday", "monday")}
