"""Events for other programs: who gets them, what is still to be sent, how it is delivered, and where it may go.

May import `storage`.
"""
