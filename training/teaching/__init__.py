"""A newsroom's decisions into a bundle that exists, and how many of them are probably wrong.

May import `fitting`, `corpus`, `labels` and `evaluation.metrics`.
"""
