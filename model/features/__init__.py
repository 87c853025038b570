"""What is computed from a text before any head sees it: hashed n-grams, and what an encoder makes of it.

May import `model.attributes` and `model.reading`.
"""
