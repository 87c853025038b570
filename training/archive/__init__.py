"""An archive of comments scored by many workers: which rows go where, what a worker does, and the run as a whole.

May import `training.cluster`.
"""
