"""What happens to a comment: it comes in, is judged, reported, decided on by rules, and one day forgotten.

May import `insights` and the rooms below it; knows no Flask.
"""
