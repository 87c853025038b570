"""What is stored, found again: comments by their words, authors, articles, and who decided what.

May import the domain rooms below it and `storage`; knows no Flask.
"""
