"""Factories: each call creates one record, with default values for what is not given.

A factory opens a changeset if none is open.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from compliance.models import (
    AIModel,
    Citation,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionClause,
    RetentionTerm,
    User,
)
from compliance.models.changesets import NoChangeset, changeset, current_changeset

# All have five digits, so that records sorted by name are in the order of their creation.
_numbers = count(10_001)


@contextmanager
def recorded() -> Iterator[None]:
    """Use the open changeset, or open one."""
    try:
        current_changeset()
    except NoChangeset:
        with changeset(by=None, label="tests", reason="Set the scene", source="command"):
            yield
    else:
        yield


def _saved(record: Any) -> Any:
    with recorded():
        record.save()
    return record


def make_user(name: str = "", *, role: str = "", **values: Any) -> User:
    """Create a member of staff; `role` is "editor", "approver", "auditor" or none."""
    user = User.objects.create_user(name or f"user{next(_numbers)}", **{"is_staff": True, **values})
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def make_register(**values: Any) -> Register:
    values.setdefault("slug", f"register-{next(_numbers)}")
    values.setdefault("title", "Models and privacy")
    return _saved(Register(**values))


def make_term(
    wording: str = "", *, clauses: Sequence[dict[str, Any]] = (), **values: Any
) -> RetentionTerm:
    """Create a retention term; `clauses` has the fields of each clause."""
    with recorded():
        term = _saved(RetentionTerm(wording=wording or f"{next(_numbers)} days", **values))
        for position, clause in enumerate(clauses, start=1):
            RetentionClause(term=term, position=position * 10, **clause).save()
    return term


def make_provider(name: str = "", **values: Any) -> Provider:
    """Create a provider without documents."""
    return _saved(Provider(name=name or f"Provider {next(_numbers)}", **values))


def make_document(provider: Provider | None = None, **values: Any) -> PolicyDocument:
    """Create a policy document with a URL, and a provider for it if none is given."""
    values.setdefault("url", f"https://example.com/privacy/{next(_numbers)}")
    return _saved(PolicyDocument(provider=provider or make_provider(), **values))


def make_model(name: str = "", **values: Any) -> AIModel:
    return _saved(AIModel(name=name or f"Model {next(_numbers)}", **values))


def make_listing(
    register: Register | None = None,
    *,
    models: Sequence[str | AIModel] = ("GPT 6",),
    providers: Sequence[str | Provider] = ("Acme AI",),
    documents: Sequence[PolicyDocument] = (),
    **values: Any,
) -> Listing:
    """Create a listing at the end of its register.

    Models and providers given by name are created if they do not exist.
    """
    with recorded():
        register = register or make_register()
        values.setdefault("position", 10 * (register.listings.count() + 1))
        values.setdefault("departs", bool(documents))
        listing = _saved(Listing(register=register, **values))
        for position, model in enumerate(models, start=1):
            ListedModel(listing=listing, model=_model(model), position=position * 10).save()
        for position, provider in enumerate(providers, start=1):
            ListedProvider(
                listing=listing, provider=_provider(provider), position=position * 10
            ).save()
        for position, document in enumerate(documents, start=1):
            ListedDocument(listing=listing, document=document, position=position * 10).save()
    return listing


def _model(model: str | AIModel) -> AIModel:
    if isinstance(model, AIModel):
        return model
    return AIModel.objects.filter(name=model).first() or make_model(model)


def _provider(provider: str | Provider) -> Provider:
    if isinstance(provider, Provider):
        return provider
    return Provider.objects.filter(name=provider).first() or make_provider(provider)


def make_footnote(register: Register, **values: Any) -> Footnote:
    """Create the next footnote of a register."""
    values.setdefault("position", register.footnotes.count() + 1)
    values.setdefault("text", "A note.")
    return _saved(Footnote(register=register, **values))


def cite(footnote: Footnote, **target: Any) -> Citation:
    """Cite a footnote on a target: `listed_model=`, `provider=` …, or `listing=` with `cell=`."""
    return _saved(Citation(footnote=footnote, **target))
