"""Score an archive of comments with many workers: the run, which rows go where, what a worker does.

May import `model` and `training.cluster`.
"""
