"""Evaluations and comparisons for people to read: tables, plots, a page, the model card.

May import `promotion`, `evaluation` and the rooms below them.
"""
