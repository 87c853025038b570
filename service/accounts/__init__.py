"""Who gets in: moderators with passwords and sessions, programs with keys, and a brake on guessing.

May import `storage`.
"""
