"""The forms of an account and of what an administrator does for somebody."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group

from compliance.accounts import mail
from compliance.admin.components.fields import ReasonField
from compliance.models import User
from compliance.models.account_states import ADMINISTRATOR, APPROVER, AUDITOR, EDITOR, ROLES

_ROLES = {
    EDITOR: "Editor: edits and submits",
    APPROVER: "Approver: approves what others edited",
    AUDITOR: "Auditor: reads everything, changes nothing",
    ADMINISTRATOR: "Administrator: keeps the accounts, edits and submits, never approves",
}
_NO_MAIL = (
    "This registry cannot send mail, so nobody can be invited. "
    "Ask whoever runs the server to set EMAIL_HOST."
)


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """An account as an administrator keeps it. Nobody sets a password for somebody else."""

    roles = forms.MultipleChoiceField(
        choices=list(_ROLES.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Without a role a person can sign in to nothing.",
    )
    reason = ReasonField(
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stays in the record, beside your name, and the person gets it by mail. "
        "Name the ticket or whoever asked for it.",
        error_messages={"required": "The reason is empty. Say why the account changes."},
    )
    # Who types: set by the admin for each request.
    actor: User

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "is_active")
        labels = {
            "username": "User name",
            "first_name": "First name",
            "last_name": "Last name",
            "email": "Mail address",
            "is_active": "May sign in",
        }
        help_texts = {
            "username": "What the person signs in with, and what the record calls them.",
            "email": "Where invitations, reminders and codes go. Never shown to the public.",
            "is_active": "Untick it when somebody leaves. Accounts are never deleted.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "email" in self.fields:  # not for those who may only read
            self.fields["email"].required = True
            self.fields["email"].error_messages["required"] = "The mail address is empty."
        if self.instance.pk:
            self.initial.setdefault("roles", self.instance.role_names)

    def clean(self) -> dict[str, Any]:
        """Refuse what the rules of accounts rule out; each sentence says what to do."""
        cleaned: dict[str, Any] = super().clean() or {}
        roles = set(cleaned.get("roles", ()))
        if self.instance.is_superuser:
            roles.add(ADMINISTRATOR)
        if {ADMINISTRATOR, APPROVER} <= roles:
            self.add_error(
                "roles",
                "Who keeps the accounts never approves. Choose administrator or approver.",
            )
        if not self.instance.pk and not mail.is_sent():
            self.add_error(None, _NO_MAIL)
        is_own = self.instance.pk == self.actor.pk
        is_demoted = roles != set(self.instance.role_names) or not cleaned.get("is_active", True)
        if self.instance.pk and is_own and is_demoted and not self.errors:
            self.add_error(
                None,
                "Nobody changes their own roles or shuts themselves out. "
                "Ask another administrator.",
            )
        return cleaned

    def save_account(self, user: User) -> None:
        """Write the account and its roles, in the open changeset."""
        if user._state.adding:
            user.set_unusable_password()
        user.is_staff = True
        user.save()
        chosen = [role for role in ROLES if role in self.cleaned_data["roles"]]
        user.groups.set(Group.objects.filter(name__in=chosen))


class ReasonForm(forms.Form):
    """Asks only why."""

    reason = ReasonField(
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stays in the record, beside your name, and the person gets it by mail. Say "
        "also how you know that it is this person who asks.",
        error_messages={"required": "The reason is empty. Say why, and who asked for it."},
    )
