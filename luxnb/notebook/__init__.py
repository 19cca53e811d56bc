"""The notebook room: whatever a person looks at while a run goes on, and after it.

Importing it tells training where to find a person, and views how a run looks. Nothing of Jupyter is
imported before there is a kernel to show something in.
"""

from luxnb.notebook import run_view as run_view
from luxnb.notebook.find import find
from luxnb.train import place

place.finder = find
