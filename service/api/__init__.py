"""Belowline's own API under `/v1`, with its OpenAPI document, its docs page, health and metrics.

May import `web` and the domain rooms below it.
"""
