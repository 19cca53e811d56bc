"""Nodes as text, HTML and figures. Returns strings; knows no notebook."""
