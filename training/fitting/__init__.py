"""A bundle from labelled comments: n-grams, heads, marks, scales, relevance, the lexicon.

May import `corpus` and `labels`; the encoder comes as a file.
"""
