"""The one tree of errors that Belowline raises for a mistake that is not its own."""


class BelowlineError(Exception):
    """A mistake that a user can mend; its text is one sentence for them."""


class BundleError(BelowlineError):
    """A bundle is missing, altered, unsigned or made for another version."""


class InvalidInput(BelowlineError):
    """A comment, an article or a file of them that cannot be read or scored."""


class UnknownAttribute(BelowlineError):
    """An attribute that does not exist or that the bundle does not model."""


class UnknownRecord(BelowlineError):
    """An article, a comment or a user that is not in the database."""
