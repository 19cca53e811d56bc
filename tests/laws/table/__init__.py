"""The table of specimens, a family of layers a file."""
