"""Whether a challenger may take the champion's place, and how it does: the comparison, the gates, the move.

May import `model`, `evaluation` and the rooms below it.
"""
