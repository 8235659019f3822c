"""Rules for the product's own list of models: what it offers is listed, and nothing else is."""

from collections.abc import Iterator

from compliance.page.names import spelling_key
from compliance.page.rules.context import RuleContext, the_rows
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule


@rule("offered-not-listed", Severity.WARNING)
def offered_not_listed(context: RuleContext) -> Iterator[Fault]:
    """A model that the product offers is listed.

    A model left a real page while the product still offered it; its users could no longer see who
    got their prompts.
    """
    known = {
        form: model.id
        for model in context.facts.models
        for form in map(spelling_key, (model.name, *model.aliases))
    }
    listed = {form for form, id in known.items() if id in context.models} | {
        spelling_key(name) for name in context.models.values()
    }
    for offer in context.facts.catalogue or ():
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
    aliases = {model.id: model.aliases for model in context.facts.models}
    for id, name in context.models.items():
        if offered.isdisjoint(map(spelling_key, (name, *aliases.get(id, ())))):
            message = (
                f"{name}, in {the_rows(context.listings_of_model[id])}, is not in the catalogue. "
                "Retire it, or add the name that the catalogue uses to its aliases."
            )
            yield Fault(SubjectKind.MODEL, id, message)
