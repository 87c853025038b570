"""Anybody's table of labels: its format, what its columns and cells mean, what a row counts, what is there twice.

May import `model` and nothing else of training.
"""
