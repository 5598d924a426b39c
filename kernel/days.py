"""Which days may be asked for, the same for forms and for the API: a database computes with no others."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator

from kernel.calendar import FIRST_YEAR, LAST_YEAR

DAY_BOUNDS = (
    MinValueValidator(date(FIRST_YEAR, 1, 1), f"日期不能早于 {FIRST_YEAR} 年"),
    MaxValueValidator(date(LAST_YEAR, 12, 31), f"日期不能晚于 {LAST_YEAR} 年"),
)
