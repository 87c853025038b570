"""Fit a bundle to labelled comments: n-grams, heads, marks, scales, relevance, the lexicon.

May import `model`, `corpus` and `labels`; the encoder comes as a file.
"""
