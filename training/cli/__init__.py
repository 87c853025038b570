"""`python -m training`: a module for each command, and one for the options that several have.

May import every other room; nothing imports it.
"""
