"""A comment as it is meant to be read: disguises undone, with a map back to the text as written.

Imports nothing of ours but its own modules.
"""
