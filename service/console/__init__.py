"""The moderators' console under `/review`: its frame, log-in, and what its pages are made of.

`items` holds the pages on comments, `lead` those for leads; both may import `web` and the domain rooms below it.
"""
