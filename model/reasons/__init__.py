"""Why a comment is flagged: the words that made a score, what comment and article are about, and the thresholds.

May import `model.records`, `model.attributes`, `model.reading`, `model.features`, `model.abuse` and `model.heads`.
"""
