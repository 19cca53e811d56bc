"""What a person sees of a difference, and of what is which of two models."""

from luxnb.core.view import View, view
from luxnb.display.cards import card
from luxnb.inspect.diff.difference import Difference
from luxnb.inspect.match import Match


@view.register
def view_difference(difference: Difference) -> View:
    """One tree of both, in which what differs is marked, and how much that is."""
    return card(difference.root, (difference.summary,))


@view.register
def view_match(match: Match) -> View:
    """The tree of the new model; each layer with arrays says whether it keeps their values."""
    return card(match.root, (match.summary,))
