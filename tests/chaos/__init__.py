"""What happens to the service when what it stands on fails: `make chaos` tries it, and prints a table.

Each module is a part of it: the faults, what they are done to, and who calls meanwhile.
"""
