"""What all requests and answers share: JSON, fields, errors, keys, limits, logs, headers, and what is at hand.

May import the domain rooms below it; `api`, `compat`, `console` and `report_form` build on it.
"""
