"""Which history the models of a file may take on (`continues`)."""

from collections.abc import Iterator

from compliance.models import AIModel, ListedModel, Register
from compliance.page.continued import predecessors
from compliance.page.snapshot import Model, Snapshot
from compliance.workingcopy.importing.errors import NotImportable

# What a file says that a model continues: its id, that of the other, and the place in the JSON.
_Continuation = tuple[str, str, str]


def refuse_continuations(page: Snapshot, register: Register) -> None:
    """Raise NotImportable, with the place, for a history that a model cannot take on.

    That is the history of a model that still stands, in the file or in another register, of the
    model itself by way of others, and of one that never was. The last is let through for a new
    register: its page may come from another installation. What a model continues already is kept.
    """
    added = list(_added(page))
    if not added:
        return
    ids = {id for _, id, _ in added}
    standing = {model.id for model in page.models}
    elsewhere = _listed_elsewhere(ids, register)
    known = set(AIModel.history.filter(slug__in=ids).values_list("slug", flat=True))
    continues = {model.slug: model.continued_ids for model in AIModel.objects.all()}
    continues |= {model.id: model.continues for model in page.models}
    is_new = register._state.adding
    for model, id, place in added:
        if id in standing:
            raise NotImportable(
                f"{place}, {id}, is a model of the same file. "
                "Only the history of a model that is not listed any more can be taken on."
            )
        if id in elsewhere:
            raise NotImportable(
                f"{place}, {id}, is still listed in the register {elsewhere[id]}. Retire it there "
                "first, or take it out here."
            )
        if model in predecessors(model, continues):
            raise NotImportable(
                f"{place}, {id}, leads back to {model}. A model cannot continue itself."
            )
        if id not in known and not is_new:
            raise NotImportable(
                f"{place}, {id}, is no model that ever was. Take it out, or correct it."
            )


def _added(page: Snapshot) -> Iterator[_Continuation]:
    """Yield what the models of a file continue and do not continue yet."""
    records = list(AIModel.objects.all()) if any(map(_continues, page.models)) else []
    by_slug = {record.slug: record for record in records}
    by_name = {record.name: record for record in records}
    for number, model in enumerate(page.models):
        record = by_slug.get(model.id) or by_name.get(model.name)
        before = record.continued_ids if record else ()
        for index, id in enumerate(model.continues):
            if id not in before:
                yield model.id, id, f"$.models[{number}].continues[{index}]"


def _continues(model: Model) -> bool:
    return bool(model.continues)


def _listed_elsewhere(ids: set[str], register: Register) -> dict[str, str]:
    """Return the ids of models that another register lists, with the slug of one."""
    listed = ListedModel.objects.filter(model__slug__in=ids)
    others = listed.exclude(listing__section__register__slug=register.slug)
    return dict(others.values_list("model__slug", "listing__section__register__slug"))
