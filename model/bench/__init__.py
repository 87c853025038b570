"""How fast the bundles are beside other programs, in one run on one machine.

May import everything in `model`; only the command line imports it.
"""
