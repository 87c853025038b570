"""The pages on comments: the queue, one item, several at once, an article.

May import the console's frame, `web` and the domain rooms below it.
"""
