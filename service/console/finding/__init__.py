"""The pages on what is stored: search, an author, an article, what was decided.

May import the console's frame, what other pages are made of, `web` and the domain rooms below it.
"""
