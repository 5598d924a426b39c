"""Pages of accounts: session, inbox, people."""

from accounts.views.session import locked_out

__all__ = ["locked_out"]  # django-axes asks for it under this name
