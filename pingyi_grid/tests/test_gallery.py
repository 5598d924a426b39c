"""The shells, the gallery of components, and the pages of refusal."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from conftest import NOW
from pingyi_grid.gallery import icons, samples

pytestmark = pytest.mark.django_db

TEMPLATES = Path(settings.BASE_DIR) / "templates"


def signed_in(client, user):
    client.force_login(user)
    return client
