"""One file a step, from the first tables to the present ones; their order is in their numbers.

May import nothing of ours: a step stays what it was when the tables change.
"""
