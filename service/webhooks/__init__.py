"""Events out: who is told of them, what is still to be told, how it is delivered, and where it may go.

May import `storage`.
"""
