"""Labelled comments to learn from and to measure on: read, split, made up, disguised, scored.

May import `model` and `labels`.
"""
