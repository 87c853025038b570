"""Anybody's table of labels: its format, what its columns and cells mean, what a row counts, what is in it twice.

May import `model`, and no other room of training.
"""
