"""`python -m model`: a module for each command, and one for the two that look at a bundle.

May import all of `model`; nothing imports it.
"""
