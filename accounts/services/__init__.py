"""The verbs of accounts: people, sign-in, notices, API clients, departments."""

from accounts.services.clients import IssuedKey, issue_key, revoke_key
from accounts.services.departments import save_department
from accounts.services.notices import Message, mark_all_read, mark_read, notify, notify_each
from accounts.services.people import (
    change_own_password,
    create_user,
    disable_user,
    enable_user,
    require_password_change,
    set_password,
    update_contact,
)
from accounts.services.sessions import (
    admit,
    bind_session,
    record_failed_sign_in,
    record_sign_in,
    record_sign_out,
    unlocked_at,
)

__all__ = [
    "IssuedKey",
    "Message",
    "admit",
    "bind_session",
    "change_own_password",
    "create_user",
    "disable_user",
    "enable_user",
    "issue_key",
    "mark_all_read",
    "mark_read",
    "notify",
    "notify_each",
    "record_failed_sign_in",
    "record_sign_in",
    "record_sign_out",
    "require_password_change",
    "revoke_key",
    "save_department",
    "set_password",
    "unlocked_at",
    "update_contact",
]
