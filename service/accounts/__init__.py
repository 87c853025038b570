"""Who may come in: moderators with their passwords and sessions, programs with their keys, a brake on guessing.

May import `storage`.
"""
