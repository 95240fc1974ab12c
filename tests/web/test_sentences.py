"""Whatever the platform may refuse or decide has its words."""

import importlib
import pkgutil
import re

import rongqiao
from rongqiao.platform.refusals import Refusal
from rongqiao.risk.queries.judging import REASON_CODES
from rongqiao.web.frame.reasons import REASONS, explain
from rongqiao.web.frame.sentences.table import SENTENCES
from rongqiao.web.public.estimate import explained

PLACES = re.compile(r"%\((\w+)\)")


def refusals():
    for module in pkgutil.walk_packages(rongqiao.__path__, "rongqiao."):
        if not module.name.endswith("sgi"):  # They start an application when imported.
            importlib.import_module(module.name)
    waiting, found = [Refusal], set()
    while waiting:
        for one in waiting.pop().__subclasses__():
            waiting.append(one)
            if "code" in vars(one) and one.__module__.startswith("rongqiao."):
                found.add(one.code)
    return found


def test_every_refusal_has_a_sentence():
    assert refusals() - SENTENCES.keys() == set()


def test_no_sentence_is_for_a_refusal_that_is_gone():
    assert SENTENCES.keys() - refusals() == set()


def test_every_reason_of_a_decision_has_its_words():
    assert set(REASON_CODES) - REASONS.keys() == set()


def test_a_reason_without_facts_is_still_a_sentence():
    class Bare:
        code, facts = "score-too-low", ()

    assert "%(" not in explained(Bare).why
    full = {"score": "1", "score_min": "2", "weakest": "age"}
    assert "%(" not in explain("score-too-low", full).why
