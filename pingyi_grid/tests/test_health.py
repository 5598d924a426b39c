from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from pingyi_grid.health import find_faults, record_heartbeat
from tests.when import NOW
