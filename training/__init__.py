"""Labels in, a bundle out: fit, calibrate, evaluate, compare, promote.

Imports `model` and never `service`; the only package that imports `datasets`.
"""
