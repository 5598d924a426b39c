"""What the REST doors of every app share: failures, pages, fields and keys against doing a thing twice."""

from kernel.rest.fields import LocationField, MomentField, PlainTextField
from kernel.rest.idempotency import IdempotentMixin, forget_old_answers
from kernel.rest.pages import CursorPages
from kernel.rest.parsers import BoundedJSONParser
from kernel.rest.problems import problem
from kernel.rest.schema import add_problems

__all__ = [
    "BoundedJSONParser",
    "CursorPages",
    "IdempotentMixin",
    "LocationField",
    "MomentField",
    "PlainTextField",
    "add_problems",
    "forget_old_answers",
    "problem",
]
