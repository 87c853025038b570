"""What every request and answer has in common: JSON, errors, keys, limits, logs, headers, and gunicorn's worker.

May import the domain rooms below it; `api`, `compat`, `console` and `report_form` build on it.
"""
