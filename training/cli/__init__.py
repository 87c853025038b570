"""`python -m training`: a module for each command, and what commands that read labels share.

May import every other room; nothing imports it.
"""
