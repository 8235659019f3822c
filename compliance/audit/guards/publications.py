"""What holds between the ledger, publications, their files, contributions and decisions."""

from compliance.audit.guards.triggers import MARK, CommitGuard, Guard
from compliance.models.account_states import AccountState
from compliance.models.accounts import DecisionSignature, FactorRemoval, RecordedFactor
from compliance.models.changesets import Changeset
from compliance.models.ledger import LedgerEntry
from compliance.models.publications import (
    Contribution,
    Decision,
    Publication,
    PublicEvent,
    PublishedFile,
    Record,
)

# SQL shared by the guards below. NEW is the decision that is inserted; c is a contribution, s its
# changeset, p the publication, d an earlier approval and w a withdrawal.
_PUBLICATION = Publication._meta.db_table
_FILE = PublishedFile._meta.db_table
_DECISION = Decision._meta.db_table

_OWN_EDITS = (
    f"FROM {Contribution._meta.db_table} c"
    f" JOIN {Changeset._meta.db_table} s ON s.id = c.changeset_id"
    " WHERE c.publication_id = NEW.publication_id AND s.by_id = NEW.by_id"
)
_DECIDED = f"FROM {_DECISION} d WHERE d.publication_id = NEW.publication_id"
_OF_NEW = f"FROM {_PUBLICATION} p WHERE p.id = NEW.publication_id"
_EARLIER = f"FROM {_DECISION} d WHERE d.register_id = NEW.register_id AND d.kind = 'approved'"
_STANDING = (
    f"{_EARLIER} AND NOT EXISTS (SELECT 1 FROM {_DECISION} w"
    " WHERE w.publication_id = d.publication_id AND w.kind IN ('withdrawn', 'renewed'))"
)

# Together with an approval or a withdrawal by the same person at the same moment.
_CARRIED = (
    f"EXISTS (SELECT 1 FROM {_PUBLICATION} p"
    f" JOIN {_DECISION} a ON a.publication_id = p.carried_by_id"
    " WHERE p.id = NEW.publication_id AND a.kind IN ('approved', 'withdrawn')"
    " AND a.register_id = NEW.register_id AND a.by_id = NEW.by_id AND a.at = NEW.at)"
)

_CHANGESET = Changeset._meta.db_table
_STATE = AccountState._meta.db_table
_TAKES_AN_APPROVER = (
    "(NEW.kind = 'rejected'"
    f" OR NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native')"
    f" OR NEW.kind = 'withdrawn' AND EXISTS (SELECT 1 {_DECIDED} AND d.kind = 'approved'))"
)
# The last that was recorded of the account at that moment. By moments, because a dump brings what
# was recorded later before the decisions.
_RECORDED_APPROVER = (
    f"EXISTS (SELECT 1 FROM {_STATE} a JOIN {_CHANGESET} s ON s.id = a.changeset_id"
    " WHERE a.user_id = NEW.by_id AND s.recorded_at <= NEW.at"
    " AND a.is_active AND a.is_approver AND NOT a.is_administrator"
    f" AND NOT EXISTS (SELECT 1 FROM {_STATE} b JOIN {_CHANGESET} t ON t.id = b.changeset_id"
    " WHERE b.user_id = a.user_id AND b.id > a.id AND t.recorded_at <= NEW.at))"
)

_LEDGER = LedgerEntry._meta.db_table
_EVENT = PublicEvent._meta.db_table

PUBLICATION_GUARDS = (
    Guard(
        f"{MARK}ledger_chained",
        _LEDGER,
        "INSERT",
        f"NEW.number <> 1 + COALESCE((SELECT MAX(number) FROM {_LEDGER}), 0)"
        " OR NEW.previous_sha256 <>"
        f" COALESCE((SELECT sha256 FROM {_LEDGER} ORDER BY number DESC LIMIT 1), '')",
        "An entry of the ledger continues the one before it.",
    ),
    Guard(
        f"{MARK}one_record",
        Record._meta.db_table,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {Record._meta.db_table})",
        "An installation keeps one record.",
    ),
    Guard(
        f"{MARK}imported_before_native",
        _PUBLICATION,
        "INSERT",
        f"NEW.source = 'imported' AND EXISTS (SELECT 1 FROM {_PUBLICATION} p"
        " WHERE p.register_id = NEW.register_id AND p.source = 'native')",
        "A page from before the registry cannot follow a publication of the registry.",
    ),
    Guard(
        f"{MARK}files_frozen",
        _FILE,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {_DECISION} d WHERE d.publication_id = NEW.publication_id)",
        "The files of a publication are complete before it is decided.",
    ),
    Guard(
        f"{MARK}decision_register",
        _DECISION,
        "INSERT",
        f"NOT EXISTS (SELECT 1 {_OF_NEW} AND p.register_id = NEW.register_id)",
        "A decision belongs to the register of its publication.",
    ),
    Guard(
        f"{MARK}approved_hash",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND NOT EXISTS (SELECT 1 {_OF_NEW}"
        " AND p.content_sha256 = NEW.content_sha256"
        f" AND EXISTS (SELECT 1 FROM {_FILE} f WHERE f.publication_id = p.id AND f.format = 'json'"
        " AND f.sha256 = NEW.content_sha256))",
        "Another hash than that of the publication was approved.",
    ),
    Guard(
        f"{MARK}number_without_gap",
        _DECISION,
        "INSERT",
        "NEW.kind = 'approved'"
        f" AND NEW.number <> 1 + COALESCE((SELECT MAX(d.number) {_EARLIER}), 0)",
        "Publication numbers have no gaps.",
    ),
    Guard(
        f"{MARK}effective_in_order",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_STANDING}"
        " AND d.effective_from >= NEW.effective_from)",
        "A publication takes effect later than every one before it.",
    ),
    Guard(
        f"{MARK}imported_in_the_past",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND NEW.effective_from > NEW.at"
        f" AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'imported')",
        "An imported page was public before it is imported.",
    ),
    Guard(
        f"{MARK}native_not_backdated",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native'"
        " AND NEW.effective_from < NEW.at)",
        "A publication takes effect on or after its approval.",
    ),
    Guard(
        f"{MARK}four_eyes",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native'"
        " AND (NEW.by_id IS NULL OR NEW.by_id = p.submitted_by_id"
        f" OR EXISTS (SELECT 1 {_OWN_EDITS} AND c.kind = 'adds')))",
        "Nobody approves what they submitted or edited.",
    ),
    Guard(
        f"{MARK}by_an_approver",
        _DECISION,
        "INSERT",
        f"{_TAKES_AN_APPROVER} AND NOT {_RECORDED_APPROVER}",
        "Only an approver decides: an account of which the record says so, and no administrator.",
    ),
    Guard(
        f"{MARK}four_eyes_withdrawal",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'withdrawn' AND EXISTS (SELECT 1 {_DECIDED} AND d.kind = 'approved')"
        f" AND (NEW.by_id IS NULL OR EXISTS (SELECT 1 {_OWN_EDITS} AND c.kind = 'returns'))",
        "Nobody withdraws a publication if their own edits come back by it.",
    ),
    Guard(
        f"{MARK}base_in_force",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native'"
        " AND COALESCE(p.base_id, 0) <>"
        f" COALESCE((SELECT d.publication_id {_STANDING}"
        " ORDER BY d.effective_from DESC LIMIT 1), 0))",
        "A publication follows the one that it was compared with.",
    ),
    Guard(
        f"{MARK}renewed_by_another",
        _DECISION,
        "INSERT",
        # One that is approved is renewed only together with an approval or a withdrawal.
        f"NEW.kind = 'renewed' AND NOT EXISTS (SELECT 1 FROM {_PUBLICATION} r"
        " WHERE r.renews_id = NEW.publication_id AND r.register_id = NEW.register_id"
        f" AND (r.carried_by_id IS NOT NULL) = EXISTS (SELECT 1 {_DECIDED}"
        " AND d.kind = 'approved'))",
        "A publication is renewed by another one that takes its differences over.",
    ),
    Guard(
        f"{MARK}renews_before_approval",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.renews_id IS NOT NULL"
        f" AND NOT EXISTS (SELECT 1 FROM {_DECISION} d"
        " WHERE d.publication_id = p.renews_id AND d.kind = 'renewed'))",
        "What a publication renews ends before it is approved.",
    ),
    Guard(
        f"{MARK}carried_in_the_same_act",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.carried_by_id IS NOT NULL)"
        f" AND NOT {_CARRIED}",
        "A publication that is carried over is approved together with the one that carries it.",
    ),
    Guard(
        f"{MARK}effective_as_requested",
        _DECISION,
        "INSERT",
        f"NEW.kind = 'approved' AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native' AND ("
        "NEW.effective_from < p.requested_effective_from OR NEW.effective_from <> NEW.at"
        " AND (p.requested_effective_from IS NULL"
        " OR NEW.effective_from <> p.requested_effective_from)"
        # If the publication before takes effect at the same instant, this one takes effect a
        # microsecond later, so that their order is never in doubt.
        f" AND NOT EXISTS (SELECT 1 {_STANDING} AND d.effective_from >= NEW.at"
        " AND MICROSECONDS(NEW.effective_from) = MICROSECONDS(d.effective_from) + 1)))",
        "A publication takes effect when it was asked to, or on its approval if that is later.",
    ),
    Guard(
        f"{MARK}decided_once",
        _DECISION,
        "INSERT",
        f"EXISTS (SELECT 1 FROM {_DECISION} d WHERE d.publication_id = NEW.publication_id"
        " AND (NEW.kind NOT IN ('withdrawn', 'renewed') OR d.kind <> 'approved'))",
        "A publication is decided once; only an approved one can be withdrawn or renewed later.",
    ),
    Guard(
        f"{MARK}decided_in_order",
        _DECISION,
        "INSERT",
        f"EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'native'"
        " AND (NEW.at < p.submitted_at OR EXISTS (SELECT 1"
        f" FROM {_DECISION} d JOIN {_PUBLICATION} o ON o.id = d.publication_id"
        " WHERE d.register_id = NEW.register_id"
        " AND o.source = 'native' AND d.at > NEW.at)))",
        "A decision is not earlier than what it decides of, nor than the decision before it.",
    ),
    Guard(
        f"{MARK}contributions_frozen",
        Contribution._meta.db_table,
        "INSERT",
        f"NEW.kind = 'adds' AND EXISTS (SELECT 1 {_DECIDED})",
        "Whose edits are in a publication is complete before it is decided.",
    ),
    Guard(
        f"{MARK}public_log_in_order",
        _EVENT,
        "INSERT",
        f"NEW.number <> 1 + COALESCE((SELECT MAX(e.number) FROM {_EVENT} e), 0)"
        f" OR NEW.decision_id <= COALESCE((SELECT MAX(e.decision_id) FROM {_EVENT} e), 0)",
        "An event of the public log has the next number, and a later decision than those before.",
    ),
    Guard(
        f"{MARK}public_log_of_decisions",
        _EVENT,
        "INSERT",
        f"NOT EXISTS (SELECT 1 FROM {_DECISION} d WHERE d.id = NEW.decision_id"
        f" AND EXISTS (SELECT 1 FROM {_DECISION} a WHERE a.publication_id = d.publication_id"
        " AND a.kind = 'approved'))",
        "The public log tells of approvals, and of withdrawals of what was approved.",
    ),
    Guard(
        f"{MARK}returns_frozen",
        Contribution._meta.db_table,
        "INSERT",
        # Before the approval too: a dump brings contributions before decisions.
        f"NEW.kind = 'returns' AND EXISTS (SELECT 1 {_DECIDED} AND d.kind = 'withdrawn')",
        "Whose edits come back is recorded before the withdrawal.",
    ),
)

_SIGNATURE = DecisionSignature._meta.db_table
# Factors are compared by their moments, because a dump brings those that came later in the same
# transaction. `verify` compares the entries of the ledger, which nobody can choose.
_PASSKEY_IN_USE = (
    f"EXISTS (SELECT 1 FROM {RecordedFactor._meta.db_table} f"
    f" JOIN {_CHANGESET} s ON s.id = f.changeset_id"
    " WHERE f.user_id = NEW.by_id AND f.kind = 'webauthn' AND s.recorded_at < NEW.at"
    f" AND NOT EXISTS (SELECT 1 FROM {FactorRemoval._meta.db_table} r"
    f" JOIN {_CHANGESET} t ON t.id = r.changeset_id"
    " WHERE r.factor_id = f.id AND t.recorded_at <= NEW.at))"
)
# By an approval or withdrawal that is signed: the same person's, at the same moment. What it calls
# off takes effect no earlier than the publication that it decides of.
_CALLED_OFF = (
    f"EXISTS (SELECT 1 FROM {_DECISION} a JOIN {_SIGNATURE} g ON g.decision_id = a.id"
    f" JOIN {_DECISION} e ON e.publication_id = a.publication_id AND e.kind = 'approved'"
    f" JOIN {_DECISION} d ON d.publication_id = NEW.publication_id AND d.kind = 'approved'"
    " WHERE NEW.kind = 'withdrawn' AND a.kind IN ('approved', 'withdrawn') AND a.id > NEW.id"
    " AND a.register_id = NEW.register_id AND a.by_id = NEW.by_id AND a.at = NEW.at"
    " AND d.effective_from >= e.effective_from)"
)
# By the hash of a signed approval or withdrawal, which covers what is carried over.
_CARRIED_AND_SIGNED = (
    f"EXISTS (SELECT 1 FROM {_PUBLICATION} p"
    f" JOIN {_DECISION} a ON a.publication_id = p.carried_by_id"
    f" JOIN {_SIGNATURE} g ON g.decision_id = a.id"
    " WHERE NEW.kind = 'approved' AND p.id = NEW.publication_id"
    " AND a.kind IN ('approved', 'withdrawn')"
    " AND a.register_id = NEW.register_id AND a.by_id = NEW.by_id AND a.at = NEW.at)"
)

COMMIT_GUARDS = (
    CommitGuard(
        f"{MARK}signed_with_passkey",
        _DECISION,
        "INSERT",
        f"NEW.kind IN ('approved', 'withdrawn') AND {_PASSKEY_IN_USE}"
        f" AND NOT EXISTS (SELECT 1 FROM {_SIGNATURE} g WHERE g.decision_id = NEW.id)"
        " AND NOT (NEW.kind = 'approved'"
        f" AND EXISTS (SELECT 1 {_OF_NEW} AND p.source = 'imported'))"
        f" AND NOT {_CALLED_OFF} AND NOT {_CARRIED_AND_SIGNED}",
        "Whoever has a passkey signs what they approve or withdraw.",
    ),
    CommitGuard(
        f"{MARK}renewed_in_the_same_act",
        _DECISION,
        "INSERT",
        # Else a scheduled publication would end, and nobody would be told.
        f"NEW.kind = 'renewed' AND EXISTS (SELECT 1 {_DECIDED} AND d.kind = 'approved')"
        f" AND NOT EXISTS (SELECT 1 FROM {_PUBLICATION} r"
        f" JOIN {_DECISION} a ON a.publication_id = r.id AND a.kind = 'approved'"
        " WHERE r.renews_id = NEW.publication_id AND a.by_id = NEW.by_id AND a.at = NEW.at)",
        "A scheduled publication is renewed together with the approval of the one that renews it.",
    ),
)
