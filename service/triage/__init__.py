"""Who looks at what next: the queue's order, each comment's position in it, whose reports count, who has what open.

May import `storage`; knows no Flask.
"""
