"""Which edits of a register came after a publication was submitted."""

from django.db.models import Q, QuerySet

from compliance.models import (
    AIModel,
    Cell,
    Changeset,
    Citation,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    PolicyDocument,
    Provider,
    Publication,
    RetentionClause,
    RetentionTerm,
)
from compliance.publishing.register_edits import later, listing_history, text_edits
from compliance.publishing.row_histories import FROM_THE_BEGINNING, ever


def edited_since(publication: Publication) -> QuerySet[Changeset]:
    """Return the changesets since a publication was captured, latest first.

    They edited the register, or what its listings name now. Takes a fixed number of queries.
    """
    register = publication.register
    since = publication.captured_changeset_id or FROM_THE_BEGINNING
    listings = listing_history(register)
    ever_in = Q(listing_id__in=listings.values("id"))
    parts = [ever(part.history, ever_in) for part in (ListedModel, ListedProvider, ListedDocument)]
    cells = ever(Cell.history, ever_in)
    notes = Footnote.history.filter(register_id=register.pk)

    here = Q(listing__section__register=register)
    models = AIModel.objects.filter(listed__in=ListedModel.objects.filter(here))
    named = PolicyDocument.objects.filter(listed__in=ListedDocument.objects.filter(here))
    providers = Provider.objects.filter(
        Q(listed__in=ListedProvider.objects.filter(here)) | Q(documents__in=named)
    )
    terms = RetentionTerm.objects.filter(
        Q(cells__in=Cell.objects.filter(here))
        | Q(declared_by__in=providers)
        | Q(floor_of__in=models)
    )
    documents = Q(provider_id__in=providers.values("pk")) | Q(id__in=named.values("pk"))
    histories = [
        listings,
        *parts,
        cells,
        notes,
        ever(Citation.history, Q(footnote_id__in=notes.values("id"))),
        AIModel.history.filter(id__in=models.values("pk")),
        Provider.history.filter(id__in=providers.values("pk")),
        RetentionTerm.history.filter(id__in=terms.values("pk")),
        ever(RetentionClause.history, Q(term_id__in=terms.values("pk"))),
        ever(PolicyDocument.history, documents),
    ]
    changesets = text_edits(register, since) | later(since, *histories)
    return Changeset.objects.filter(pk__in=changesets)
