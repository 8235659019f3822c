"""Two people edited one record: theirs and yours side by side, field by field, and what becomes of each choice."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.text import capfirst

from compliance.admin.components.fields import reason_typed
from compliance.admin.conflicts.merge import merged
from compliance.admin.history import queries
from compliance.admin.history.mixin import HistoryMixin
from compliance.admin.preview import form as preview_form
from compliance.rendering.marked_words import MarkedText, marked_words

# In the request: what stands in the way of saving a form, and the last changeset before its record was read.
FAULT = "compliance.fault"
OPENED = "compliance.opened"
_LOOK = "What you chose is in the form below, and not saved yet. Look through it, and save."
THEIRS, YOURS, BOTH = "theirs", "yours", "both"
_TAKE = "take-"
# What belongs to the screen of the conflict and not to the form: the reason is asked again, the rest was answered.
# `_continue` and `_addanother` are kept: they say where to go once it is saved.
_OF_THE_SCREEN = ("csrfmiddlewaretoken", "reason", "against", "_save", "_look", preview_form.BUTTON)
_WORDS = {THEIRS: "Take theirs", YOURS: "Keep yours", BOTH: "Take both together"}


@dataclass
class Difference:
    """One thing that differs: what each did to it, marked against what stood before, and which is chosen."""

    name: str
    label: str
    sides: Mapping[str, tuple[MarkedText, ...]]
    told: str
    chosen: str = ""
    # What each choice makes of the names that the form posts.
    values: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)

    @property
    def choices(self) -> list[tuple[str, str, tuple[MarkedText, ...], bool]]:
        """The choices: value, words, what it comes to, and whether it is chosen."""
        return [
            (side, _WORDS[side], pieces, side == self.chosen) for side, pieces in self.sides.items()
        ]


class ConflictMixin(HistoryMixin):
    """A form that shows who overtook it, and saves what was chosen of both."""

    def reconcile(self, request: HttpRequest, object_id: str, show: Callable[[], Any]) -> Any:
        """Show or save the form; where somebody saved meanwhile, what each of both did, until all is chosen."""
        record = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, record):
            return show()
        if record is None:
            return self._gone(request, unquote(object_id)) or show()
        version = request.POST.get("version", "")
        if not _is_number(version) or int(version) >= record.lock_version:
            return show()
        conflict = Conflict(self, request, record)
        if not conflict.is_settled:
            name = str(self.shown(record))
            context = {
                "conflict": conflict,
                "original": record,
                "title": f"Conflict: {name}",
                "name": name,
            }
            return self._told(
                request,
                "admin/conflicts/conflict.html",
                {**context, "version": record.lock_version},
            )
        request.POST = conflict.resolved()  # type: ignore[assignment]
        if "_look" in request.POST:
            request.META[FAULT] = _LOOK
        return show()

    def gone(
        self, request: HttpRequest, object_id: str, fields: Mapping[str, forms.Field]
    ) -> HttpResponse | None:
        """Show what was typed into another form of a deleted record; None where nothing was, or it never was."""
        if request.method != "POST" or not (acts := self.entries_of(object_id)):
            return None
        typed = [
            (str(each.label or name.replace("_", " ").capitalize()), text)
            for name, each in fields.items()
            if name != "reason" and (text := "\n".join(request.POST.getlist(name)))
        ]
        return self._told_gone(request, acts, typed)

    def _gone(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """Show what was typed into the form of a record that is deleted; None where there never was one."""
        acts = self.entries_of(object_id)
        if not acts:
            return None
        typed = list(_typed_texts(self.get_form(request, None)(), request.POST))
        for formset_class, _ in self.get_formsets_with_inlines(request):
            for row in _rows(
                request.POST, formset_class.get_default_prefix(), formset_class.absolute_max
            ):
                part = formset_class.form(prefix=row)
                texts = "\n".join(
                    f"{label}: {text}" for label, text in _typed_texts(part, request.POST)
                )
                typed.append((capfirst(formset_class.model._meta.verbose_name), texts))
        return self._told_gone(request, acts, typed)

    def _told_gone(
        self,
        request: HttpRequest,
        acts: Sequence[queries.ChangesetEntry],
        typed: Sequence[tuple[str, str]],
    ) -> TemplateResponse:
        title = f"Deleted meanwhile: {self.opts.verbose_name}"
        return self._told(
            request,
            "admin/conflicts/deleted.html",
            {"acts": acts[:1], "typed": typed, "title": title},
        )

    def _told(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        context |= {"reason": reason_typed(request), "media": self.media}
        request.current_app = self.admin_site.name
        each = {**self.admin_site.each_context(request), "opts": self.opts, "subtitle": None}
        return TemplateResponse(request, template, {**each, **context})


class Conflict:
    """What was typed into a form that somebody else overtook, beside what they saved."""

    def __init__(self, screen: Any, request: HttpRequest, record: Any) -> None:
        self._typed = request.POST
        self._record = record
        self._screen, self._request = screen, request
        self.data = request.POST.copy()
        opened = request.POST.get("opened", "")
        self.acts = queries.entries_since(record, int(opened)) if _is_number(opened) else []
        self.told: list[str] = []
        self.differences = list(self._choices(self._all()))

    @property
    def is_settled(self) -> bool:
        """Whether it was answered, all of it, while nobody saved anything more."""
        return self._is_answered and all(each.chosen for each in self.differences)

    @property
    def lacking(self) -> int:
        """How many choices are missing of an answer."""
        return sum(not each.chosen for each in self.differences) if "against" in self._typed else 0

    @property
    def hidden(self) -> Iterator[tuple[str, str]]:
        """What was typed, to be posted again."""
        for name, values in self._typed.lists():
            if name not in _OF_THE_SCREEN and not name.startswith(_TAKE):
                yield from ((name, value) for value in values)

    def resolved(self) -> QueryDict:
        """Return what the form would have posted, had it been opened now and filled in as was chosen."""
        for difference in self.differences:
            for name, values in difference.values[difference.chosen].items():
                self.data.setlist(name, values)
        self.data["version"] = str(self._record.lock_version)
        self.data["opened"] = str(self._request.META[OPENED])
        return self.data

    @property
    def _is_answered(self) -> bool:
        return self._typed.get("against") == str(self._record.lock_version)

    def _choices(self, differences: Iterable[Difference]) -> Iterator[Difference]:
        """Give the differences with what was chosen; what was chosen against an older state is asked anew."""
        for each in differences:
            if self._is_answered and (answer := self._typed.get(_TAKE + each.name)) in each.sides:
                each.chosen = str(answer)
            yield each

    def _all(self) -> Iterator[Difference]:
        form = self._screen.get_form(self._request, self._record, change=True)(
            instance=self._record
        )
        yield from self._fields(form, form.prefix or "", form.prefix or "", "")
        for formset_class, inline in self._screen.get_formsets_with_inlines(
            self._request, self._record
        ):
            prefix = formset_class.get_default_prefix()
            formset = formset_class(
                instance=self._record, prefix=prefix, queryset=inline.get_queryset(self._request)
            )
            yield from self._parts(formset)

    def _fields(
        self, form: Any, typed: str, posted: str, of: str, *, ask: bool = True
    ) -> Iterator[Difference]:
        """Give the fields of a form that differ, as it was typed under one prefix, to be posted under another."""
        for name in form.fields:
            if name in ("reason", "DELETE") or form.fields[name].widget.is_hidden:
                continue
            bound = form[name]
            base, theirs, yours = self._base(bound, typed), bound.value(), self._yours(bound, typed)
            target = _prefixed(posted, name)
            before, now, mine = (_text(bound.field, value) for value in (base, theirs, yours))
            self.data.setlist(f"initial-{target}", _posted(theirs))
            self.data.setlist(target, _posted(yours if ask and mine != before else theirs))
            if ask and (before != now or before != mine) and now != mine:
                yield self._difference(bound, target, of, (before, now, mine), (theirs, yours))

    def _difference(
        self, bound: Any, target: str, of: str, texts: tuple[str, str, str], values: tuple[Any, Any]
    ) -> Difference:
        before, now, mine = texts
        sides = {THEIRS: _marked(before, now), YOURS: _marked(before, mine)}
        taken = {THEIRS: {target: _posted(values[0])}, YOURS: {target: _posted(values[1])}}
        told, chosen = "Both of you changed this. Choose.", ""
        if before == mine:
            told, chosen = "Only they changed this.", THEIRS
        elif before == now:
            told, chosen = "Only you changed this.", YOURS
        elif isinstance(bound.field.widget, forms.Textarea):
            together = merged(before.splitlines(), now.splitlines(), mine.splitlines())
            if together is not None:
                text = "\n".join(together)
                sides[BOTH], taken[BOTH] = _marked(before, text), {target: [text]}
                told, chosen = "Both of you changed this, in different lines.", BOTH
        label = f"{of}: {bound.label}" if of else str(bound.label)
        return Difference(target, label, sides, told, chosen, taken)

    def _parts(self, formset: Any) -> Iterator[Difference]:
        """Give what differs in the parts, and write them anew: those that stand now, then what you add."""
        prefix, key = formset.prefix, formset.model._meta.pk.name
        rows = _rows(self._typed, prefix, formset.absolute_max)
        typed = {pk: row for row in rows if (pk := self._typed.get(f"{row}-{key}", ""))}
        for name in [
            name for name in self.data if name.startswith((f"{prefix}-", f"initial-{prefix}-"))
        ]:
            del self.data[name]
        differences: list[Difference] = []
        standing = {str(form.instance.pk): form for form in formset.initial_forms}
        for index, (pk, form) in enumerate(standing.items()):
            self.data[f"{prefix}-{index}-{key}"] = pk
            self.data[f"{prefix}-{index}-{formset.fk.name}"] = str(self._record.pk)
            differences += self._standing(form, typed.get(pk), f"{prefix}-{index}")
        added = [
            row for row in rows if row not in typed.values() and f"{row}-DELETE" not in self._typed
        ]
        revived = [
            row
            for pk, row in typed.items()
            if pk not in standing and f"{row}-DELETE" not in self._typed
        ]
        for index, row in enumerate([*added, *revived], start=len(standing)):
            form, target = formset.empty_form, f"{prefix}-{index}"
            for name in form.fields:
                if not form.fields[name].widget.is_hidden:
                    self.data.setlist(f"{target}-{name}", _posted(self._yours(form[name], row)))
            if row in revived:
                differences += self._revived(form, row, target)
        self.data[f"{prefix}-TOTAL_FORMS"] = str(len(standing) + len(added) + len(revived))
        self.data[f"{prefix}-INITIAL_FORMS"] = str(len(standing))
        yield from differences

    def _standing(self, form: Any, row: str | None, target: str) -> Iterator[Difference]:
        """Give what differs in a part that stands now."""
        name = _called(form)
        if row is None:
            self.told.append(f"{name} was added meanwhile. It stays.")
            for each in form.fields:
                self.data.setlist(f"{target}-{each}", _posted(form[each].value()))
                self.data.setlist(f"initial-{target}-{each}", _posted(form[each].value()))
            return
        is_deleted = f"{row}-DELETE" in self._typed
        yield from self._fields(form, row, target, name, ask=not is_deleted)
        if not is_deleted:
            return
        changes = self._changes(form, row, lambda bound: bound.value())
        if not changes:
            self.data[f"{target}-DELETE"] = "on"
            return
        sides = {
            THEIRS: (MarkedText("", f"Changed: {changes}"),),
            YOURS: (MarkedText("", "Deleted."),),
        }
        values: dict[str, dict[str, list[str]]] = {THEIRS: {}, YOURS: {f"{target}-DELETE": ["on"]}}
        yield Difference(target, name, sides, "You deleted what they changed. Choose.", "", values)

    def _revived(self, form: Any, row: str, target: str) -> Iterator[Difference]:
        """Give the choice on a part that they deleted, if you changed it; otherwise it stays deleted."""
        name = (
            f"{capfirst(form._meta.model._meta.verbose_name)} {self._first_text(form, row)}".strip()
        )
        gone = {f"{target}-DELETE": ["on"]}
        if not (changes := self._changes(form, row, lambda bound: self._yours(bound, row))):
            self.told.append(f"{name} was deleted meanwhile. It stays deleted.")
            self.data.setlist(f"{target}-DELETE", ["on"])
            return
        sides = {
            THEIRS: (MarkedText("", "Deleted."),),
            YOURS: (MarkedText("", f"Changed: {changes}"),),
        }
        values: dict[str, dict[str, list[str]]] = {THEIRS: gone, YOURS: {}}
        yield Difference(target, name, sides, "They deleted what you changed. Choose.", "", values)

    def _changes(self, form: Any, row: str, value: Any) -> str:
        """Return how some values of a part differ from those that it had, as a text."""
        said = []
        for name in form.fields:
            bound = form[name]
            if not bound.is_hidden and name != "DELETE":
                before, after = (
                    _text(bound.field, self._base(bound, row)),
                    _text(bound.field, value(bound)),
                )
                if before != after:
                    said.append(f"{bound.label}: {before or '–'} → {after or '–'}")
        return "; ".join(said)

    def _first_text(self, form: Any, row: str) -> str:
        texts = (self._typed.get(f"{row}-{name}", "") for name in ("label", "url"))
        return next(filter(None, texts), "")

    def _yours(self, bound: Any, prefix: str) -> Any:
        return bound.field.widget.value_from_datadict(
            self._typed, {}, _prefixed(prefix, bound.name)
        )

    def _base(self, bound: Any, prefix: str) -> Any:
        return bound.field.hidden_widget().value_from_datadict(
            self._typed, {}, f"initial-{_prefixed(prefix, bound.name)}"
        )


def _rows(data: QueryDict, prefix: str, most: int) -> list[str]:
    """Return the prefix of each part that was posted."""
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    return [
        f"{prefix}-{index}" for index in range(min(int(total), most) if _is_number(total) else 0)
    ]


def _typed_texts(form: Any, data: QueryDict) -> Iterator[tuple[str, str]]:
    """Give what was typed into a form, by label."""
    for name, each in form.fields.items():
        if each.widget.is_hidden or name == "reason":
            continue
        value = each.widget.value_from_datadict(data, {}, form.add_prefix(name))
        if text := _text(each, value):
            yield str(form[name].label), text


def carry_base(form: Any) -> None:
    """Let a form carry what it showed when it was opened, so that it is known what somebody typed over it."""
    for name, each in form.fields.items():
        each.show_hidden_initial = name != "reason"


def _is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 19


def _prefixed(prefix: str, name: str) -> str:
    return f"{prefix}-{name}" if prefix else name


def _called(form: Any) -> str:
    return f"{capfirst(form.instance._meta.verbose_name)} {form.instance}"


def _marked(before: str, after: str) -> tuple[MarkedText, ...]:
    """Return both texts as one; each line ends, so that a line that was added does not begin in the one above."""
    return marked_words(*(f"{text}\n" if text else "" for text in (before, after)))


def _posted(value: Any) -> list[str]:
    """Return a value as a browser posts it."""
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    return ["" if value is None else str(value)]


def _text(form_field: Any, value: Any) -> str:
    """Return a value, typed or stored, as its field shows it."""
    if isinstance(form_field, forms.BooleanField):
        return "Yes" if str(value) in ("True", "on") else "No"
    values = _posted(value)
    if isinstance(form_field, forms.ChoiceField):
        choices: Any = form_field.choices
        labels = {str(key): str(label) for key, label in choices}
        return ", ".join(labels.get(each, each) if each else "" for each in values)
    return "\n".join("\n".join(values).strip().splitlines())
