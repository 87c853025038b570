"""The scorer as the service uses it: admitted by turns, swapped while it runs, and told which language it can read.

May import `storage` and `counters`.
"""
