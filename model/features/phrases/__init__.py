"""Phrases that raise a comment's scores, because labelled comments hold too few for a classifier to know them all.

Imports nothing of the project.
"""
