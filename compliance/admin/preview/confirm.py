"""Actions that are shown before they are done: confirming does exactly what was shown, or nothing.

The preview names the last changeset that it rests on, and carries a seal over the form, the person,
the address and that changeset. The action is done only with an unbroken seal and while no other
changeset was recorded since.
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from compliance.admin.components.fields import REASON_HELP, ReasonField, acting, reason_errors
from compliance.admin.components.lines import sentences_on_marks
from compliance.admin.preview.summary import Preview, preview
from compliance.models import Changeset, changesets
from compliance.workingcopy.preview import DryRun, dry_run

_NOT_SHOWN = (
    "The form was changed after this was shown, so nothing was done. Below is what it would do now."
)
_SAME_MOMENT = (
    "Somebody else saved the same thing at the same moment, so nothing was done. "
    "Look at it as it is now."
)
_NOTHING = "Nothing was different, so nothing was done and no change was recorded."
_NUMBER = re.compile("[0-9]{1,18}")  # what every database can compare with a key (64 bits, signed)
_DO = "_do"


class ConfirmableForm(forms.Form):
    """The form of such an action. The reason is needed to do it, and not for its preview."""

    reason = ReasonField(
        label="Reason for this change",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=REASON_HELP,
        error_messages=reason_errors("done"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # People write the reason once they have seen what would change.
        self.fields["reason"].required = _DO in self.data

    @property
    def fingerprint(self) -> str:
        """A hash of what was typed into all fields but the reason, which may still be written."""
        typed_values = []
        for name, field in self.fields.items():
            # Files are left out: browsers cannot keep one for the second press. A form that takes a
            # file puts its content into a text field.
            if name != "reason" and not isinstance(field, forms.FileField):
                typed_values.append((name, self.data.getlist(name)))  # type: ignore[attr-defined]
        typed = json.dumps(typed_values)
        # Browsers send CR LF for each line break, also where the value was given with LF.
        return hashlib.sha256(typed.replace(r"\r\n", r"\n").encode()).hexdigest()


class ConfirmedAction:
    """One request to the form of an action: it previews the action, or does it.

    `perform` writes in the open changeset. It returns a sentence for the success message or None,
    and raises ValidationError where the action is impossible. Afterwards `preview` is what would
    change (None where the action is impossible), `refusal` says why nothing was done although it
    was confirmed, and `overtaken` are the changesets that were recorded since the preview.
    """

    def __init__(
        self,
        request: HttpRequest,
        form: ConfirmableForm,
        perform: Callable[[], str | None],
        *,
        source: Changeset.Source,
    ) -> None:
        self.request, self.form, self.perform = request, form, perform
        self._who: dict[str, Any] = {"by": acting(request), "source": source.value}
        self.dry_run_result: DryRun | None = None
        self.refusal = ""
        self.overtaken: list[Changeset] = []

    def is_done(self) -> bool:
        """Do the action if it was confirmed and report it; otherwise prepare the next preview.

        Returns whether it was done.
        """
        if not self.form.is_bound:
            return False
        if _DO in self.request.POST:
            if self.form.is_valid() and self._do():
                return True
            self._note_later_changesets()
        if not set(self.form.errors) - {"reason"}:
            self._dry_run()
        return False

    def _do(self) -> bool:
        following = self._confirmed_changeset()
        if following is None:
            self.refusal = _NOT_SHOWN
            return False
        reason = self.form.cleaned_data["reason"]
        try:
            with changesets.changeset(reason=reason, following=following, **self._who) as act:
                summary = self.perform()
        except changesets.StaleChangeset:
            return False
        except (ValidationError, IntegrityError) as refusal:
            self._refuse(refusal)
            return False
        if not act.written:
            summary = _NOTHING
        elif not summary:
            summary = f"Done as it was shown, in one edit: {act.written} records were written."
        messages.success(self.request, summary)
        return True

    def _confirmed_changeset(self) -> int | None:
        """Return the last changeset before the preview that was confirmed.

        None where no preview of exactly this form was confirmed.
        """
        following = self.request.POST.get("following", "")
        if not _NUMBER.fullmatch(following):
            return None
        seal = self.request.POST.get("shown", "")
        if not constant_time_compare(seal, self._seal(int(following))):
            return None
        return int(following)

    def _note_later_changesets(self) -> None:
        """Note the changesets since the preview. They may be why the form is now invalid."""
        following = self.request.POST.get("following", "")
        if not _NUMBER.fullmatch(following):
            return
        if later := changesets.edits_after(int(following)):
            self.refusal = str(changesets.StaleChangeset(later))
            self.overtaken = later

    def _seal(self, following: int) -> str:
        """Return a signature that only a preview of this form, for this person and address, has."""
        sealed = json.dumps(
            [self.request.path, self._who["by"].pk, following, self.form.fingerprint]
        )
        return salted_hmac(
            "compliance.admin.preview.confirm", sealed, algorithm="sha256"
        ).hexdigest()

    @property
    def shown(self) -> str:
        """The seal that the confirming request has to carry."""
        return self._seal(self.dry_run_result.following) if self.dry_run_result else ""

    def _dry_run(self) -> None:
        try:
            with dry_run(at=timezone.now(), **self._who) as dry_run_result:
                self.perform()
        except (ValidationError, IntegrityError) as refusal:
            self._refuse(refusal)
        else:
            self.dry_run_result = dry_run_result

    def _refuse(self, refusal: ValidationError | IntegrityError) -> None:
        """Add an error to the form, so that no dry run follows.

        The records in memory still have the values that were rolled back.
        """
        if isinstance(refusal, ValidationError):
            self.form.add_error(None, refusal.messages)
        else:
            self.form.add_error(None, _SAME_MOMENT)

    @property
    def preview(self) -> Preview | None:
        """What the action would change, as it is shown."""
        if self.dry_run_result is None:
            return None
        return preview(self.dry_run_result, doubts=tuple(sentences_on_marks(self.form)))
