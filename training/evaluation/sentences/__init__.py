"""Sentences of our own that nothing is fitted to: what a bundle flags of them, and what it should.

May import `model`, and the rooms below `evaluation`.
"""
