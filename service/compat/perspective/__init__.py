"""The Perspective API (Comment Analyzer v1alpha1) as its clients know it, answered by our bundle.

May import `compat`, `web` and the domain rooms below it.
"""

from service.compat.perspective.views import bp

__all__ = ["bp"]
