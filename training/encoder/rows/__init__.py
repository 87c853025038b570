"""What the encoder learns from: texts with labels, marks and articles, and how often each comes.

May import `model`, `corpus` and `recipe`; `relevance` needs torch, the others do not.
"""
