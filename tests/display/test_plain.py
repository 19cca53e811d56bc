"""Nothing that acts, nothing that differs between runs, nothing endless."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as some

from luxnb.display.plain import plain


def test_what_acts_is_shown_as_an_escape():
    assert plain("a\x1b[31mb\nc") == r"a\x1b[31mb\nc"
    assert plain("user\u202egnp.exe") == r"user\u202egnp.exe"
    assert plain("zero\u200bwidth\u2028\ud800") == r"zero\u200bwidth\u2028\ud800"


def test_letters_of_all_scripts_stay():
    assert plain("größe λ × 重み é") == "größe λ × 重み é"


def test_addresses_go():
    assert plain("<function f at 0x7f00ab12>") == "<function f>"


def test_long_text_is_cut():
    assert plain("x" * 61) == "x" * 59 + "…"
    assert plain("x" * 60) == "x" * 60
    assert len(plain("\n" * 10**6)) == 60


@given(some.text())
def test_all_that_is_left_can_be_printed(text):
    shown = plain(text)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    shown.encode()
