"""A case and all that belongs to it."""

from cases.models.case import Case
from cases.models.history import CasePhoto, Step
from cases.models.reference import CaseCategory, Limit
from cases.models.referral import Part, ReferralSheet, Request
from cases.models.timing import Card, StageClock

__all__ = [
    "Card",
    "Case",
    "CaseCategory",
    "CasePhoto",
    "Limit",
    "Part",
    "ReferralSheet",
    "Request",
    "StageClock",
    "Step",
]
