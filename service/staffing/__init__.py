"""Who works when, and how much of what waits their minutes reach.

May import `moderation` and the rooms below it; knows no Flask.
"""
