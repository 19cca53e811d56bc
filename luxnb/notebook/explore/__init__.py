"""The explorer: a model looked into and edited on the page, and the Python that builds it."""
