"""`python -m service`: a module for each subject of commands, and gunicorn as `serve` runs it.

May import every other room; nothing imports it.
"""
