"""What a person sees of the first number that is not finite: the model's tree around its place."""

from luxnb.core.errors import Failure
from luxnb.core.view import View, view
from luxnb.display.failure import view_failure
from luxnb.inspect.nonfinite.locate import Nonfinite


@view.register
def view_nonfinite(found: Nonfinite) -> View:
    """As a call that failed there is seen, with the fault in place of the error."""
    turns = "".join(f"in turn {turn}: " for path, turn in found.loops if path == found.path)
    reason = turns + found.fault
    return view_failure(
        Failure(found.model, found.path, found.x, found.params, found.state, reason)
    )
