from contextlib import suppress
from datetime import date
from itertools import chain

import pytest
from django.db import transaction

from kernel.numbering import dated_number, document_number, next_number
from tests.processes import BACKENDS, scratch_database


def test_numbers_of_a_series_count_from_one_in_each_period(db):
    drawn = [next_number("WT", period) for period in ("20261123", "20261123", "20261124", "20261123")]
    assert drawn == [1, 2, 1, 3]


def test_series_do_not_disturb_each_other(db):
    assert [next_number("转", "2026"), next_number("督", "2026"), next_number("转", "2026")] == [1, 1, 2]


def test_a_number_whose_work_failed_is_given_again(db):
    next_number("WT", "20261123")
    with suppress(ZeroDivisionError), transaction.atomic():
        next_number("WT", "20261123")
        raise ZeroDivisionError
    assert next_number("WT", "20261123") == 2


@pytest.mark.django_db(transaction=True)
def test_a_number_outside_a_transaction_is_a_bug():
    with pytest.raises(transaction.TransactionManagementError):
        next_number("WT", "20261123")


def test_numbers_are_written_as_the_office_writes_them():
    assert dated_number("WT", date(2026, 11, 23), 1) == "WT-20261123-0001"
    assert dated_number("XF", date(2026, 1, 2), 12345) == "XF-20260102-12345"
    assert document_number("平环网转", 2026, 12) == "平环网转〔2026〕12号"


def draw(_index: int, times: int) -> list[int]:
    """`times` numbers; before every fifth a work fails, which must give its number back."""
    drawn = []
    for turn in range(times):
        if turn % 5 == 0:
            with suppress(ZeroDivisionError), transaction.atomic():
                next_number("WT", "20261123")
                raise ZeroDivisionError
        with transaction.atomic():
            drawn.append(next_number("WT", "20261123"))
    return drawn


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_eight_processes_draw_two_hundred_numbers_without_gap_or_double(backend):
    with scratch_database(backend) as database:
        drawn = database.run_together(draw, count=8, arguments=(25,))
    assert [len(numbers) for numbers in drawn] == [25] * 8
    assert sorted(chain.from_iterable(drawn)) == list(range(1, 201))
