"""Which item a moderator sees next: the queue's order, positions and lists, whose reports count, who has what open.

May import `storage`; knows no Flask.
"""
