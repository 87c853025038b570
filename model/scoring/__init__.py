"""From a bundle's folder to a scorer, and from comments to their scores: where the parts of a bundle come together.

Imports every room of `model` but the command line and `bench`, and none of them imports it.
"""
