"""compliance.published.signed_note: keys and notes in the form that other programs read."""

import pytest

from compliance.published.signed_note import (
    InvalidNote,
    SigningKey,
    UnusableKey,
    VerifierKey,
    load_signing_key,
)

# The example of golang.org/x/mod/sumdb/note.
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{SIGNATURE}"


def test_a_note_is_signed_as_other_programs_sign_it():
    key = SigningKey.parse(PRIVATE)

    assert key.sign(TEXT) == NOTE
    assert str(key.verifier_key) == PUBLIC
    assert key.encode() == PRIVATE


def test_a_note_is_opened_by_the_key_that_signed_it():
    assert VerifierKey.parse(PUBLIC).open(NOTE) == TEXT


def test_a_note_may_have_signatures_of_others():
    others = "— witness.example AAAAAAAA\n— PeterNeumann AAAAAAAA\n— torn\n"

    assert VerifierKey.parse(PUBLIC).open(f"{TEXT}\n{others}{SIGNATURE}") == TEXT


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("answer", "Answer"),
        NOTE.replace("x08g", "x08h"),
        NOTE.replace("BwJnAM=", "BwJnAM"),
        NOTE.replace("— PeterNeumann", "— Another"),
        SigningKey.generate("PeterNeumann").sign(TEXT),
        TEXT,
        "",
    ],
)
def test_a_note_that_was_altered_or_signed_by_another_key_is_refused(note):
    with pytest.raises(InvalidNote):
        VerifierKey.parse(PUBLIC).open(note)


@pytest.mark.parametrize(
    "text", ["", "a", PUBLIC.replace("c74f20a3", "c74f20a4"), PUBLIC.replace("Peter", "Pater")]
)
def test_a_text_that_is_no_key_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011
        VerifierKey.parse(text)


def test_without_a_file_there_is_no_key():
    assert load_signing_key() is None


def test_the_key_is_read_from_its_file(settings):
    settings.SIGNING_KEY_FILE.write_text(f"{PRIVATE}\n")

    assert load_signing_key() == SigningKey.parse(PRIVATE)


@pytest.mark.parametrize(
    "text", ["", "PRIVATE+KEY+a", PUBLIC, PRIVATE.replace("AYEK", "AYEL"), "é"]
)
def test_a_file_without_a_key_is_named(settings, text):
    settings.SIGNING_KEY_FILE.write_text(text)

    with pytest.raises(UnusableKey, match="holds no signing key"):
        load_signing_key()


def test_a_file_that_cannot_be_read_is_named(settings):
    settings.SIGNING_KEY_FILE.mkdir()

    with pytest.raises(UnusableKey, match="cannot be read"):
        load_signing_key()
