"""The addresses the service is known by: its names, and the path it is mounted at behind a proxy.

May import what `service.web` may.
"""
