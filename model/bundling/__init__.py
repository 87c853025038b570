"""Bundles on disk: the manifest that vouches for their files, the arrays in them, and the shelf of promoted ones.

Imports nothing of ours but `model.errors`.
"""
