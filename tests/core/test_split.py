"""A Tree in two parts and together again."""

import pytest

import luxnb as lx
from luxnb.core.split import merge, split

TREE = lx.Tree.of({"a": {"w": 1, "b": 2}, "ab": {"w": 3}, "c": {"d": {"w": 4}, "e": {}}, "g": 5})


@pytest.mark.parametrize(
    ("paths", "rest", "taken"),
    [
        (("a.w",), {"a": {"b": 2}, "ab": {"w": 3}, "c": {"d": {"w": 4}, "e": {}}, "g": 5},
         {"a": {"w": 1}}),
        (("a",), {"a": {}, "ab": {"w": 3}, "c": {"d": {"w": 4}, "e": {}}, "g": 5},
         {"a": {"w": 1, "b": 2}}),
        (("c", "g", "c.d"), {"a": {"w": 1, "b": 2}, "ab": {"w": 3}, "c": {"d": {}, "e": {}}},
         {"c": {"d": {"w": 4}}, "g": 5}),
        (None, {"a": {}, "ab": {}, "c": {"d": {}, "e": {}}},
         {"a": {"w": 1, "b": 2}, "ab": {"w": 3}, "c": {"d": {"w": 4}}, "g": 5}),
        ((), TREE.to_dict(), {}),
    ],
    ids=repr,
)  # fmt: skip
def test_split_and_merge(paths, rest, taken):
    parts = split(TREE, paths, "here")
    assert [part.to_dict() for part in parts] == [rest, taken]
    assert merge(*parts).to_dict() == TREE.to_dict()


@pytest.mark.parametrize(
    ("path", "close"),
    [
        ("a.v", "did you mean 'a.w'"),
        ("c.e", "did you mean 'c"),  # a branch without an array
        ("c.d.w.x", "did you mean 'c.d.w'"),
        ("zzz", "there is 'a', 'a.w', 'a.b', 'ab'"),
        ("", "there is 'a'"),
    ],
)
def test_a_path_at_which_there_is_nothing(path, close):
    with pytest.raises(ValueError, match=rf"here has nothing at '{path}'; {close}"):
        split(TREE, (path,), "here")
