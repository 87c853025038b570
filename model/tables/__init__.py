"""Tables of any size in and out, the same rows for every command: CSV, Excel, JSON, Parquet, and what they hold.

May import `model.errors`, `model.records` and `model.reading`.
"""
