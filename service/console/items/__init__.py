"""The pages on comments: one item, several at once, an article.

May import the console's frame, `web` and the domain rooms below it.
"""
