"""Evaluations and comparisons for people to read: tables, plots, a page, the model card.

May import `model`, `promotion` and the rooms below it.
"""
