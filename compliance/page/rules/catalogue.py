"""Rules for the product's own list of models: what it offers is listed, and nothing else is."""

from collections.abc import Iterator

from compliance.page.names import spelling_key
from compliance.page.rules.context import RuleContext
from compliance.page.rules.facts import KnownModel
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.snapshot import Model
from compliance.page.vocabulary import ColumnRole


@rule("offered-not-listed", Severity.WARNING)
def offered_not_listed(context: RuleContext) -> Iterator[Fault]:
    """A model that the product offers is listed, where a table of the page lists models.

    If a model leaves the page while the product still offers it, its users can no longer see who
    gets their prompts.
    """
    has_models = any(section.column(ColumnRole.MODELS) for section in context.snapshot.sections)
    if not context.facts.catalogue or not has_models:
        return
    known = _ids_by_spelling(context)
    listed = {form for form, id in known.items() if id in context.models}
    listed |= {spelling_key(name) for name in context.models.values()}
    for offer in context.facts.catalogue:
        forms = [spelling_key(text) for text in (offer.name, offer.id) if text]
        if listed.isdisjoint(forms):
            message = (
                f"{offer.name or offer.id} is in the catalogue, but not listed. "
                "List it, or add that name to the aliases of the model that it is."
            )
            id = next((known[form] for form in forms if form in known), None)
            kind, subject = (
                (SubjectKind.MODEL, id)
                if id
                else (SubjectKind.REGISTER, context.snapshot.register.slug)
            )
            yield Fault(kind, subject, message, among=(forms[0],))


def _ids_by_spelling(context: RuleContext) -> dict[str, str]:
    """Return the id of each model on the page or in the working copy, by each of its names."""
    models: list[KnownModel | Model] = [*context.facts.models, *context.snapshot.models]
    ids: dict[str, str] = {}
    for model in models:
        for name in (model.name, *model.aliases):
            ids[spelling_key(name)] = model.id
    return ids


@rule("listed-not-offered", Severity.WARNING)
def listed_not_offered(context: RuleContext) -> Iterator[Fault]:
    """A model that is listed is still offered.

    A page that lists a model which is no longer offered names recipients that get nothing.
    """
    if context.facts.catalogue is None:
        return
    offered = {
        spelling_key(text)
        for offer in context.facts.catalogue
        for text in (offer.name, offer.id)
        if text
    }
    names = {model.id: (model.name, *model.aliases) for model in context.snapshot.models}
    for id, printed in context.models.items():
        if offered.isdisjoint(map(spelling_key, (printed, *names[id]))):
            message = (
                f"{printed}, in {context.the_rows(context.rows_of_model[id])}, "
                "is not in the catalogue. "
                "Add the name that the catalogue uses to its aliases, or retire it if it "
                "is no longer offered."
            )
            yield Fault(SubjectKind.MODEL, id, message)
