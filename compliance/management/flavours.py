"""The option `--for` of the commands that write a page."""

from argparse import ArgumentParser

from compliance.management.inputs import refusal
from compliance.page.formats.markdown import FLAVOURS, GFM, Flavour


def add_flavour_option(parser: ArgumentParser) -> None:
    """Add `--for`, which names the program that Markdown is written for."""
    parser.add_argument(
        "--for",
        dest="flavour",
        choices=list(FLAVOURS),
        help="what builds a site of the Markdown; by default gfm, which is the canonical page",
    )


def chosen_flavour(name: str | None, *, target: str) -> Flavour:
    """Return the flavour named by `--for`; exits with code 2 if the page is not Markdown."""
    if name is not None and target != "md":
        raise refusal(f"--for {name} is for Markdown. Write --to md, or leave out --for.")
    return FLAVOURS[name] if name else GFM
