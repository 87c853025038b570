"""How good a bundle is: on the dev sets, on a newsroom's labels, under attack, towards groups, over time.

May import `model`, `fitting` and the rooms below it.
"""
