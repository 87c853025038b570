"""The APIs of other moderation services, answered by our scorer: a module each, and Perspective's in a room of its own.

May import `web` and the domain rooms below it.
"""
