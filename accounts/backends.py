"""Who may sign in: an active person with a sign-in name. The lock after failures is in front of it (django-axes)."""

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.choices import UserKind
from accounts.models import User


class PersonBackend(BaseBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None
    ) -> User | None:
        """The person whose name and password these are; None for anybody else, after the same work."""
        if not username or password is None:
            return None
        user = User.objects.filter(username=username, kind=UserKind.PERSON).first()
        if user is None:
            # The hash is computed all the same, so that the time taken does not tell which names exist.
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, asked at every request: a disabled account is out at the next one."""
        return User.objects.filter(pk=user_id, is_active=True).first()
