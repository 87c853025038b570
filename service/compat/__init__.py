"""The APIs of other moderation services, answered by our scorer."""
