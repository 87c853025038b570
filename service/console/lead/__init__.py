"""The pages for leads: rules, reporters, the audit, erasing, the rota, the numbers, drift, the shadow.

May import the console's frame, `web` and the domain rooms below it.
"""
