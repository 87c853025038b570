"""The moderators' console under `/review`: its frame, log-in, and what its pages are made of.

`items` holds the pages on comments, `finding` those on what is stored, `lead` those for leads, `admin` those for
admins; all may import `web` and the domain rooms below it.
"""
