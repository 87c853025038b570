"""Steps from one version of the tables to the next, run by Alembic.

`env` imports `tables`; the steps import nothing of ours.
"""
