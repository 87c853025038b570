"""The pages for admins: people, programs' keys, webhooks and settings.

May import the console's frame, `web` and the domain rooms below it.
"""
