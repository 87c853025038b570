"""What happens to a comment: it comes in, is judged, reported, decided on by rules, and one day forgotten.

May import `insights`, `triage` and the rooms below them; knows no Flask.
"""
