"""What happens to a comment: it comes in, is judged, reported, decided on under the rules, and one day erased.

May import `insights`, `triage` and the rooms below them; knows no Flask.
"""
