"""The scorer in the service: who is scored when, in which language, and the switch to a new bundle while it runs.

May import `storage` and `counters`.
"""
