"""Forms that replace those of django-allauth."""

from allauth.account import forms
from django.core.exceptions import ValidationError

from compliance.accounts import mail


class ResetPasswordForm(forms.ResetPasswordForm):
    """Asks for an email address. Accounts without a password cannot get one by mail."""

    def clean_email(self) -> str:
        """Return the address and keep the accounts to send a mail to in `users`.

        Raises no error if there is none: the form must not tell whether an address is known.
        Raises ValidationError for every address if no mail can be sent.
        """
        if not mail.is_sent():
            raise ValidationError(
                "This registry cannot send mail, so it cannot send you a code. "
                "Ask an administrator to set up its mail server."
            )
        email: str = super().clean_email()
        self.users = [user for user in self.users if user.has_usable_password()]
        return email
