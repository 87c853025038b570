"""Whether a challenger may replace the champion, and how it does: the comparison, the gates, the promotion.

May import `model`, `evaluation` and the rooms below it.
"""
