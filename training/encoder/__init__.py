"""Train the sentence encoder, with torch: what it learns from, the network, the loop, the export.

May import `model` and `corpus`; nothing at run time imports it.
"""
