import pytest
from django.test import Client

from accounts import services

PASSWORD = "Tq9-mzKe4vR"


@pytest.fixture
def keeper(cast):
    """The scope of the system administrator."""
    return cast.scope("admin")


@pytest.fixture
def passwords(cast):
    """Everybody of the cast can sign in with PASSWORD."""
    for user in cast.users.values():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return PASSWORD


@pytest.fixture
def sign_in(passwords):
    """Sign somebody in through the page; returns the browser and the answer."""

    def signed_in(username: str, password: str = passwords, client: Client | None = None, **extra):
        client = client or Client()
        return client, client.post("/login/", {"username": username, "password": password}, **extra)

    return signed_in


@pytest.fixture
def person(keeper, now):
    return services.create_user(
        name="王建国", username="wjg", password=PASSWORD, phone="13812345678", by=keeper, at=now
    )
