"""The database: its tables and migrations, transactions, rows made into records, the chained audit, backups.

Knows no Flask; may import `model` and nothing else of the service.
"""
