"""What must happen inside the caller's transaction says so."""

from django.db import transaction


def must_be_in_transaction(purpose: str) -> None:
    """Raises unless the caller opened a transaction: `purpose` and the work it belongs to live or die together."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(f"{purpose} must be called inside transaction.atomic()")
