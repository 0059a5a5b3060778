"""Which rows of cases, sealed reports and signs a subject may reach for which purpose."""

from typing import TYPE_CHECKING, Any

from tests.oracle.care import INNER_KINDS, READING_KINDS

VIEW, CHANGE, CONFIRM, LEAD, WORK, ANSWER = "view", "change", "confirm", "lead", "work", "answer"
Pks = set[Any]


class CareRows:
    """The part of `Rows` about cases; mixed into it."""

    if TYPE_CHECKING:
        oracle: Any
        kind: str
        me: int

        def _where(self, label: str, holds: Any) -> Pks: ...
        def _all(self, label: str) -> Pks: ...

    def casefile(self, purpose: str) -> Pks:
        oracle = self.oracle
        said = {
            VIEW: oracle.reads_case, CHANGE: oracle.owns_case, CONFIRM: oracle.confirms_case,
            LEAD: oracle.leads_case, WORK: oracle.works_on,
        }.get(purpose)  # fmt: skip
        return {pk for pk in self._all("care.casefile") if said and said(pk)}

    def _of_case(self, name: str, purpose: str, kinds: tuple[str, ...], inner: bool) -> Pks:
        if purpose != VIEW or self.kind not in kinds:
            return set()
        reads = self.oracle.works_on if inner else self.oracle.reads_case
        return self._where(f"care.{name}", lambda row: reads(row["case_id"]))

    def casereader(self, purpose: str) -> Pks:
        return self._of_case("casereader", purpose, READING_KINDS, False)

    def checklisttick(self, purpose: str) -> Pks:
        return self._of_case("checklisttick", purpose, INNER_KINDS, True)

    def measure(self, purpose: str) -> Pks:
        return self._of_case("measure", purpose, INNER_KINDS, True)

    def escalation(self, purpose: str) -> Pks:
        return self._of_case("escalation", purpose, INNER_KINDS, True)

    def casestep(self, purpose: str) -> Pks:
        return {pk for pk in self._all("care.casestep") if purpose == VIEW and self.oracle.reads_step(pk)}

    def caseaction(self, purpose: str) -> Pks:
        return {pk for pk in self._all("care.caseaction") if purpose == VIEW and self.oracle.reads_action(pk)}

    def message(self, purpose: str) -> Pks:
        return {pk for pk in self._all("care.message") if purpose == VIEW and self.oracle.reads_message(pk)}

    def messagereceipt(self, purpose: str) -> Pks:
        seen = self.message(purpose)
        return self._where("care.messagereceipt", lambda row: row["message_id"] in seen)

    def referral(self, purpose: str) -> Pks:
        said = {VIEW: self.oracle.reads_referral, ANSWER: self.oracle.asked}.get(purpose)
        return {pk for pk in self._all("care.referral") if said and said(pk)}

    def savedfilter(self, purpose: str) -> Pks:
        may = purpose in (VIEW, CHANGE) and self.kind in READING_KINDS
        return self._where("care.savedfilter", lambda row: may and row["person_id"] == self.me)

    def sectionmember(self, purpose: str) -> Pks:
        kinds = {VIEW: (*INNER_KINDS, "administrator"), CHANGE: ("administrator", "director")}.get(purpose, ())
        return self._all("care.sectionmember") if self.kind in kinds else set()

    def progress(self, purpose: str) -> Pks:
        may = purpose in (VIEW, CHANGE)
        return self._where("care.progress", lambda row: may and self.oracle.tracks(row["person_id"]))

    def casetally(self, purpose: str) -> Pks:
        every = self.kind in ("administrator", "director")
        own = (
            self.oracle.paired if self.kind == "cadre" else {self.oracle.school} if self.kind == "principal" else set()
        )
        return self._where("care.casetally", lambda row: purpose == VIEW and (every or row["school_id"] in own))

    def mandatoryreport(self, purpose: str) -> Pks:
        return {pk for pk in self._all("care.mandatoryreport") if purpose == VIEW and self.oracle.reads_sealed(pk)}

    def reportaddition(self, purpose: str) -> Pks:
        return self._where("care.reportaddition", lambda row: row["report_id"] in self.mandatoryreport(purpose))

    def sealedreader(self, purpose: str) -> Pks:
        return self._where("care.sealedreader", lambda row: row["report_id"] in self.mandatoryreport(purpose))

    def standingsealedreader(self, purpose: str) -> Pks:
        own = {"principal": self.oracle.school, "director": None}
        may = purpose == VIEW and self.kind in own
        return self._where("care.standingsealedreader", lambda row: may and row["school_id"] == own[self.kind])

    def sign(self, purpose: str) -> Pks:
        may = purpose in (VIEW, CHANGE)
        return {pk for pk in self._all("insight.sign") if may and self.oracle.sees_sign(pk)}
