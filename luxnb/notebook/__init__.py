"""The notebook room: whatever a person looks at while a run goes on, and after it.

Importing it tells training where to find a person, errors how to reach one, and views and
differences what a run is. Nothing of Jupyter is imported before there is a kernel to show
something in.
"""

from luxnb.core import errors
from luxnb.notebook import checkpoint_view as checkpoint_view
from luxnb.notebook import comparison_view as comparison_view
from luxnb.notebook import run_view as run_view
from luxnb.notebook import schedule_view as schedule_view
from luxnb.notebook import subjects as subjects
from luxnb.notebook import sweep_view as sweep_view
from luxnb.notebook.failure import announce, present
from luxnb.notebook.find import find
from luxnb.train.running import place

errors.presenter = present
place.finder, place.announcer = find, announce
