"""Teach an existing bundle a newsroom's decisions, and find those that are probably wrong.

May import `model`, `evaluation` and the rooms below it.
"""
