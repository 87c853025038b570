"""Bundles on disk: the manifest that vouches for their files, how one is loaded, and the shelf of promoted ones.

`bundle` alone imports the scorer, which imports `manifest`; the others import nothing of ours but `model.errors`.
"""
