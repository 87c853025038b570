"""What training learns from people here, and a challenger that looks on: labels, suggestions, second looks, the shadow.

May import `moderation`, `staffing` and the rooms below them; knows no Flask.
"""
