"""Draft: what a layer may write of its state, and that the caller's Tree stays as it was."""

import pytest

import luxnb as lx
from luxnb.core.draft import Draft, settle


@pytest.fixture
def tree():
    return lx.Tree(count=1, child=lx.Tree(mean=0.5))


def test_write_and_read(tree):
    st = Draft(tree)
    st.count = 2
    st["child"] = lx.Tree(mean=0.6)
    assert st.count == st["count"] == 2
    assert st.child.mean == 0.6
    assert tree.count == 1 and tree.child.mean == 0.5
    settled = settle(st)
    assert settled.to_dict() == {"count": 2, "child": {"mean": 0.6}}
    assert list(settled) == ["count", "child"]


def test_nothing_written_is_the_very_tree(tree):
    st = Draft(tree)
    assert settle(st) is tree
    st.count = tree.count
    assert settle(st) is tree


def test_unknown_names(tree):
    st = Draft(tree)
    with pytest.raises(
        AttributeError,
        match=r"the state has no entry 'cuont', init_state must return it; did you mean 'count'\?",
    ):
        st.cuont = 3
    with pytest.raises(
        AttributeError, match="the state has no entry 'mean'; there is 'count', 'ch"
    ):
        _ = st.mean
    with pytest.raises(AttributeError, match="_x"):
        _ = st._x


def test_it_has_what_a_tree_has(tree):
    st = Draft(tree)
    st.count = 2
    assert {**st} == {"count": 2, "child": tree.child}
    assert list(st) == ["count", "child"] and "count" in st and "x" not in st
    assert st.replace(count=5).count == 5
    assert st.count == 2
    assert st.at["child.mean"].set(1.0).to_dict() == {"count": 2, "child": {"mean": 1.0}}


def test_repr(tree):
    assert repr(Draft(tree)) == "Draft of Tree(count=1, child=Tree(mean=0.5))"
