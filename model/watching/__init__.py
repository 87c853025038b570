"""Scores over time: whether what comes in has changed, and what a challenger would have flagged.

May import `model.labels`.
"""
