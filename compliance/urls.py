"""All URL patterns of the registry."""

from collections.abc import Callable
from importlib import import_module

from allauth.account import views as account
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter
from django.views.generic import RedirectView

from compliance.accounts.choose_password import choose_password
from compliance.admin import errors as staff_errors
from compliance.admin import site
from compliance.api import publication_views
from compliance.api import views as api
from compliance.api.problems import unknown_address
from compliance.page import slugs
from compliance.public import changelog, feeds, log, offerings, questions, site_files
from compliance.public import views as public


class SlugConverter:
    """A register's slug: letters of every script, digits and single hyphens."""

    regex = r"[^/.\s]{1,100}"

    def to_python(self, value: str) -> str:
        """Return the slug; raises ValueError, which means 404, if it cannot be one."""
        if slugs.slug(value) != value:
            raise ValueError(value)
        return value

    def to_url(self, value: str) -> str:
        return value


class NumberConverter:
    """A publication's number, of at most nine digits."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Return its digits."""
        return str(value)


class FormatConverter:
    """The name of a format; the view decides whether it exists."""

    regex = "[a-z]{1,10}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SlugConverter, "register_slug")
register_converter(NumberConverter, "number")
register_converter(FormatConverter, "format")

ErrorHandler = Callable[[HttpRequest, Exception], HttpResponse]


def _for_staff(staff_handler: ErrorHandler, handler: ErrorHandler) -> ErrorHandler:
    """Return a handler of errors that answers staff in the admin with a page of the admin."""

    def answer(request: HttpRequest, exception: Exception) -> HttpResponse:
        chosen = staff_handler if staff_errors.is_for_staff(request) else handler
        return chosen(request, exception)

    return answer


handler400 = public.bad_request
handler403 = _for_staff(staff_errors.forbidden, public.forbidden)
handler404 = _for_staff(staff_errors.not_found, public.page_not_found)
handler429 = public.too_many_requests
handler500 = public.server_error

_public_urls: list[URLPattern] = [
    path("", public.home, name="home"),
    path("checkpoint", log.checkpoint, name="checkpoint"),
    path("checkpoint/leaves", log.leaf_hashes, name="leaf_hashes"),
    path("favicon.ico", site_files.favicon, name="favicon"),
    path("llms.txt", site_files.llms, name="llms"),
    path("robots.txt", site_files.robots, name="robots"),
    path("sitemap.xml", site_files.sitemap, name="sitemap"),
    path(".well-known/security.txt", site_files.security, name="security"),
    path("healthz", public.healthz, name="healthz"),
    path("readyz", public.readyz, name="readyz"),
    path("<register_slug:slug>/", public.register, name="register"),
    path("<register_slug:slug>.<format:format>", public.register_file, name="register_file"),
    path("<register_slug:slug>.csv-metadata.json", public.csv_metadata, name="csv_metadata"),
    path("<register_slug:slug>/<number:number>/", public.publication, name="publication"),
    path("<register_slug:slug>/<number:number>/proof", log.proof, name="proof"),
    path(
        "<register_slug:slug>/<number:number>.<format:format>",
        public.publication_file,
        name="publication_file",
    ),
    path(
        "<register_slug:slug>/<number:number>.csv-metadata.json",
        public.publication_csv_metadata,
        name="publication_csv_metadata",
    ),
    path("<register_slug:slug>/as-of/<str:day>/", public.as_of, name="as_of"),
    path(
        "<register_slug:slug>/as-of/<str:day>.<format:format>", public.as_of_file, name="as_of_file"
    ),
    path("<register_slug:slug>/changes/", changelog.log, name="changes"),
    path("<register_slug:slug>/changes/<number:number>/", changelog.step, name="step"),
    path(
        "<register_slug:slug>/compare/<number:number>/<number:other>/",
        changelog.compare,
        name="compare",
    ),
    path("<register_slug:slug>/fit/", questions.fit, name="fit"),
    path("<register_slug:slug>/filter/", questions.filtered, name="filter"),
    path("<register_slug:slug>/feed.atom", feeds.atom, name="feed_atom"),
    path("<register_slug:slug>/feed.json", feeds.json_feed, name="feed_json"),
    path("<register_slug:slug>/models/", offerings.parties, name="parties"),
    path("<register_slug:slug>/models/<str:id>/", offerings.model, name="model"),
    path("<register_slug:slug>/providers/<str:id>/", offerings.provider, name="provider"),
]

_register_api_urls: list[URLPattern] = [
    path("", api.RegisterView.as_view(), name="register"),
    path("changes/", api.ChangesView.as_view(), name="changes"),
    path("publications/", api.PublicationsView.as_view(), name="publications"),
    path("publications/current/", api.CurrentPublicationView.as_view(), name="current_publication"),
    path("publications/<number:number>/", api.PublicationView.as_view(), name="publication"),
    path("export/", publication_views.ExportView.as_view(), name="export"),
    path("listings/", publication_views.ListingsView.as_view(), name="listings"),
    path("offerings/", publication_views.OfferingsView.as_view(), name="offerings"),
    path("models/", publication_views.ModelsView.as_view(), name="models"),
    path("providers/", publication_views.ProvidersView.as_view(), name="providers"),
    path("fit/", publication_views.FitView.as_view(), name="fit"),
]

_api_urls: list[URLPattern | URLResolver] = [
    path("v1/openapi.json", api.OpenApiDocumentView.as_view(), name="openapi"),
    path("v1/registers/", api.RegistersView.as_view(), name="registers"),
    path("v1/registers/<register_slug:slug>/", include(_register_api_urls)),
    re_path(r"[\s\S]*", unknown_address),  # with line breaks too, which no converter takes
]

# Under the names that allauth's views redirect to. Its pages for mail addresses are left out:
# administrators manage them.
_account_urls: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),  # closed, and says so
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    # Whoever may not sign in by password is not given one here.
    path(
        "password/set/", RedirectView.as_view(pattern_name="mfa_index"), name="account_set_password"
    ),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path(
        "password/reset/code/",
        account.confirm_password_reset_code,
        name="account_confirm_password_reset_code",
    ),
    path(
        "password/reset/new/",
        account.complete_password_reset,
        name="account_complete_password_reset",
    ),
    path(
        "password/reset/done/",
        account.password_reset_from_key_done,
        name="account_password_reset_completed",
    ),
    path("password/choose/<str:key>/<str:token>/", choose_password, name="choose_password"),
    path("2fa/", include("allauth.mfa.urls")),
]
if settings.OIDC_SERVER_URL:
    oidc = import_module("compliance.accounts.oidc")
    # The first that matches: this one's form may lead to the provider.
    login = path("login/", oidc.leading_there(account.login), name="account_login")
    _account_urls = [login, *_account_urls, *oidc.urls()]

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", site.urls),
    path("accounts/", include(_account_urls)),
    path("schema/register/1", api.SchemaView.as_view(), name="schema"),
    path("api/", include((_api_urls, "api"))),
    path("", include((_public_urls, "public"))),
]
