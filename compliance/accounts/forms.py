"""Forms in which the registry differs from allauth's."""

from allauth.account import forms


class ResetPasswordForm(forms.ResetPasswordForm):
    """Asks for an address; an account that may not sign in by password gets no new one by mail either."""

    def clean_email(self) -> str:
        """Return the address, with the accounts found left in `users`; none is not told from some."""
        email: str = super().clean_email()
        self.users = [user for user in self.users if user.has_usable_password()]
        return email
