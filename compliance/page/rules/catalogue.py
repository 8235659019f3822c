"""Rules over the product's own list of models: what is offered is listed, and what is listed is offered."""

from collections.abc import Iterator

from compliance.page.names import spelling_key
from compliance.page.rules.context import RuleContext, the_rows
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule


@rule("offered-not-listed", Severity.WARNING)
def offered_not_listed(case: RuleContext) -> Iterator[Fault]:
    """A model that the product offers is listed.

    A real page lost a model that the product went on offering: whoever used it no longer found who got the prompts.
    """
    known = {
        form: model.id
        for model in case.facts.models
        for form in map(spelling_key, (model.name, *model.aliases))
    }
    listed = {form for form, id in known.items() if id in case.models} | {
        spelling_key(name) for name in case.models.values()
    }
    for offer in case.facts.catalogue or ():
        forms = [spelling_key(text) for text in (offer.name, offer.id) if text]
        if listed.isdisjoint(forms):
            message = (
                f"{offer.name or offer.id} is in the catalogue, but not listed. List it, or add that name to "
                "the aliases of the model that it is."
            )
            id = next((known[form] for form in forms if form in known), None)
            kind, subject = (
                (SubjectKind.MODEL, id)
                if id
                else (SubjectKind.REGISTER, case.snapshot.register.slug)
            )
            yield Fault(kind, subject, message, among=(forms[0],))


@rule("listed-not-offered", Severity.WARNING)
def listed_not_offered(case: RuleContext) -> Iterator[Fault]:
    """A model that is listed is still offered.

    It is the other half of the comparison: a page that lists what is gone names recipients that get nothing.
    """
    if case.facts.catalogue is None:
        return
    offered = {
        spelling_key(text)
        for offer in case.facts.catalogue
        for text in (offer.name, offer.id)
        if text
    }
    aliases = {model.id: model.aliases for model in case.facts.models}
    for id, name in case.models.items():
        if offered.isdisjoint(map(spelling_key, (name, *aliases.get(id, ())))):
            message = (
                f"{name}, in {the_rows(case.listings_of_model[id])}, is not in the catalogue. Retire it, or add the "
                "name that the catalogue uses to its aliases."
            )
            yield Fault(SubjectKind.MODEL, id, message)
