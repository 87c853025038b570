"""What the newsroom chose for itself, who works when, and how much of what waits their minutes reach.

May import `insights`, `triage` and the rooms below them; knows no Flask.
"""
