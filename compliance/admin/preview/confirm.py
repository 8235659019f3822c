"""Acts that are shown before they are done: the second press does exactly what was shown, or nothing."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, OperationalError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from compliance.admin.components.fields import BUSY, ReasonField, acting, reason_errors
from compliance.admin.preview.summary import Preview, preview
from compliance.models import Changeset, changesets
from compliance.workingcopy.preview import DryRun, dry_run

_NOT_SHOWN = (
    "The form was changed after this was shown, so nothing was done. Below is what it would do now."
)
_SAME_MOMENT = "Somebody else saved the same thing at the same moment, so nothing was done. Look at it as it is now."
_NOTHING = "Nothing was different, so nothing was done and no change was recorded."
_NUMBER = re.compile("[0-9]{1,18}")
_DO = "_do"


class BindingForm(forms.Form):
    """What an act is told, and why it is done; to be shown what it would do needs no reason."""

    reason = ReasonField(
        label="Reason for this change",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For colleagues and auditors; never shown to the public. Name the ticket, the mail or the decision.",
        error_messages=reason_errors("done"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = _DO in self.data

    @property
    def fingerprint(self) -> str:
        """What tells this form from one in which anything but the reason is typed otherwise."""
        # A browser sends a file field that is empty as an empty text; what a file holds, a form puts into a text.
        names = [
            n
            for n, field in self.fields.items()
            if n != "reason" and not isinstance(field, forms.FileField)
        ]
        typed = json.dumps([(name, self.data.getlist(name)) for name in names])  # type: ignore[attr-defined]
        return hashlib.sha256(typed.replace(r"\r\n", r"\n").encode()).hexdigest()


class ConfirmedAction:
    """One press of the form of an act. `act` writes in the open changeset, raises ValidationError, may say what it did.

    What is shown next: the `preview` of what was `rehearsed`, where the act can be done at all; in `refusal` and
    `overtaken`, why what was shown was not done, and who came between.
    """

    def __init__(
        self,
        request: HttpRequest,
        form: BindingForm,
        act: Callable[[], str | None],
        *,
        source: Changeset.Source,
    ) -> None:
        self.request, self.form, self.act = request, form, act
        self._who: dict[str, Any] = {"by": acting(request), "source": source.value}
        self.rehearsed: DryRun | None = None
        self.refusal = ""
        self.overtaken: list[Changeset] = []

    def is_done(self) -> bool:
        """Do what was shown, say so and return True; otherwise prepare what is shown next."""
        if not self.form.is_bound:
            return False
        if _DO in self.request.POST:
            if self.form.is_valid() and self._do():
                return True
            self._look_who_came_between()
        if not set(self.form.errors) - {"reason"}:
            self._rehearse()
        return False

    def _do(self) -> bool:
        if (following := self._following()) is None:
            self.refusal = _NOT_SHOWN
            return False
        reason = self.form.cleaned_data["reason"]
        try:
            with changesets.changeset(reason=reason, following=following, **self._who) as act:
                said = self.act()
        except changesets.StaleChangeset:
            return False
        except (ValidationError, IntegrityError, OperationalError) as refusal:
            self._refuse(refusal)
            return False
        done = (
            said or f"Done as it was shown, in one changeset: {act.written} records were written."
        )
        messages.success(self.request, done if act.written else _NOTHING)
        return True

    def _following(self) -> int | None:
        """Return the changeset on which rests what was shown; None where that was not shown, or not so."""
        following = self.request.POST.get("following", "")
        if not _NUMBER.fullmatch(following):
            return None
        is_shown = constant_time_compare(
            self.request.POST.get("shown", ""), self._seal(int(following))
        )
        return int(following) if is_shown else None

    def _look_who_came_between(self) -> None:
        """Name who changed something since it was shown, also where the form no longer fits for that very reason."""
        following = self.request.POST.get("following", "")
        if _NUMBER.fullmatch(following) and (
            since := list(Changeset.objects.filter(pk__gt=int(following)))
        ):
            refusal = changesets.StaleChangeset(since)
            self.refusal, self.overtaken = str(refusal), refusal.changesets

    def _seal(self, following: int) -> str:
        """Return what only a preview of this form, shown to this person at this address, can have said."""
        shown = json.dumps(
            [self.request.path, self._who["by"].pk, following, self.form.fingerprint]
        )
        return salted_hmac(
            "compliance.admin.preview.confirm", shown, algorithm="sha256"
        ).hexdigest()

    @property
    def shown(self) -> str:
        """What the second press carries beside the changeset that it is to follow."""
        return self._seal(self.rehearsed.following) if self.rehearsed else ""

    def _rehearse(self) -> None:
        try:
            with dry_run(at=timezone.now(), **self._who) as rehearsed:
                self.act()
        except (ValidationError, IntegrityError, OperationalError) as refusal:
            self._refuse(refusal)
        else:
            self.rehearsed = rehearsed

    def _refuse(self, refusal: ValidationError | DatabaseError) -> None:
        """Say why it cannot be done; what it wrote and was taken back is not tried again on the same records."""
        if isinstance(refusal, ValidationError):
            self.form.add_error(None, refusal.messages)
        else:
            self.form.add_error(
                None, BUSY if isinstance(refusal, OperationalError) else _SAME_MOMENT
            )

    @property
    def preview(self) -> Preview | None:
        """What it would do, as it is shown."""
        return preview(self.rehearsed) if self.rehearsed else None
