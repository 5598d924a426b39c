"""Numbers without gaps for what the office writes on paper, and the forms in which they are written."""

from datetime import date

from django.db import connection

from kernel.models import Counter
from kernel.transaction import must_be_in_transaction

# One statement where the ORM needs two or three; PostgreSQL and SQLite (from 3.35 on) spell it alike.
_NEXT = f"""
    INSERT INTO {Counter._meta.db_table} (series, period, value) VALUES (%s, %s, 1)
    ON CONFLICT (series, period) DO UPDATE SET value = {Counter._meta.db_table}.value + 1
    RETURNING value
"""


def next_number(series: str, period: str) -> int:
    """The next number of `series` in `period` (a day, a month, a year in text), from 1.

    Without gaps: the number is given back when the caller's transaction rolls back. So whoever asks for the same series
    in the same moment waits until that transaction ends (row lock on PostgreSQL, the write lock on SQLite); ask late.
    """
    must_be_in_transaction("next_number")
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [series, period])
        return cursor.fetchone()[0]


def dated_number(prefix: str, day: date, number: int) -> str:
    """A number within a day: `WT-20261123-0001`. After 9999 it grows a digit."""
    return f"{prefix}-{day:%Y%m%d}-{number:04d}"


def document_number(prefix: str, year: int, number: int) -> str:
    """The number of an official document (发文字号): `平环网转〔2026〕12号`, never padded (GB/T 9704-2012, 7.2.5)."""
    return f"{prefix}〔{year}〕{number}号"
