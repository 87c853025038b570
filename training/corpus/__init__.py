"""Labelled comments as they are learnt from and measured on: read, split, made up, disguised, scored.

May import `model` and `labels`.
"""
