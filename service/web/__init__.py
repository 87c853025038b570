"""What every request and answer has in common: JSON, fields, errors, keys, limits, logs, headers, what is at hand.

May import the domain rooms below it; `api`, `compat`, `console` and `report_form` build on it.
"""
