"""What the numbers say: how much is seen and missed, how people decide, what has changed, each with its interval.

May import `storage`; knows no Flask.
"""
