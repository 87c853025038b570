"""What training learns from people here, and a challenger that looks on: labels, suggestions, second looks, the shadow.

May import `staffing` and the rooms below it; knows no Flask.
"""
