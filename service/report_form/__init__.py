"""The readers' form behind "report this comment".

May import `web` and the domain rooms below it.
"""
