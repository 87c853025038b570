"""What is computed from a text before any head sees it: hashed n-grams, the encoder's states, static embeddings.

May import `model.attributes` and `model.reading`.
"""
