"""The states of a case and of a referral, what may be done in which, and where it leads."""

from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.care.models import CaseFile, Level, Referral
from jiafang.common.errors import Conflict

State = CaseFile.State


class Verb(StrEnum):
    """What somebody does with a case."""

    RAISE = "raise"
    ASSIGN = "assign"  # the owner, or who leads them, gives it to somebody on the same level
    ACT = "act"
    PROPOSE = "propose"  # the owner says that it is done, with a result
    CONFIRM = "confirm"  # whoever raised it says that it is solved
    DENY = "deny"  # whoever raised it says that it is not
    TAKE_BACK = "take_back"  # the owner, as long as nobody has answered: it was not done after all
    SILENCE = "silence"  # nobody answered for the stated number of days
    REOPEN = "reopen"
    ESCALATE = "escalate"  # the machine, after the announcement
    SEND_UP = "send_up"  # the owner, by their own decision
    SEND_DOWN = "send_down"  # decided above, to be done below, with person and deadline
    HAND_OVER = "hand_over"  # a post has ended, a student has moved
    DUE = "due"  # whoever leads gives its owner another day
    REWORD = "reword"  # the record from which it comes was corrected before anybody had begun
    CONSENT = "consent"  # what was confided may go further than to school
    TIER = "tier"  # the alert tier is raised by whoever reads the inner work, or lowered by the owner
    MERGE = "merge"
    WITHDRAW = "withdraw"


VERB_WORDS = {
    Verb.RAISE: gettext_lazy("提出"),
    Verb.ASSIGN: gettext_lazy("分派"),
    Verb.ACT: gettext_lazy("办理"),
    Verb.PROPOSE: gettext_lazy("办理完毕,等确认"),
    Verb.CONFIRM: gettext_lazy("确认已解决"),
    Verb.DENY: gettext_lazy("还没解决"),
    Verb.TAKE_BACK: gettext_lazy("收回结果,接着办"),
    Verb.SILENCE: gettext_lazy("多日没有答复,按约定办结"),
    Verb.REOPEN: gettext_lazy("重新打开"),
    Verb.ESCALATE: gettext_lazy("超期,转到上一级"),
    Verb.SEND_UP: gettext_lazy("往上报"),
    Verb.SEND_DOWN: gettext_lazy("交下办理"),
    Verb.HAND_OVER: gettext_lazy("交接"),
    Verb.DUE: gettext_lazy("改期限"),
    Verb.REWORD: gettext_lazy("按走访记录改了说法"),
    Verb.CONSENT: gettext_lazy("同意往上报"),
    Verb.TIER: gettext_lazy("改预警等级"),
    Verb.MERGE: gettext_lazy("并入另一件"),
    Verb.WITHDRAW: gettext_lazy("收回"),
}

LIVE = frozenset({State.OPEN, State.ASSIGNED, State.ACTING, State.REOPENED, State.AWAITING})
IN_HAND = LIVE - {State.AWAITING}  # the owner has something to do

_LEADS_TO: dict[Verb, tuple[frozenset[State], State]] = {
    Verb.ASSIGN: (IN_HAND, State.ASSIGNED),
    Verb.ACT: (IN_HAND, State.ACTING),
    Verb.PROPOSE: (IN_HAND, State.AWAITING),
    Verb.CONFIRM: (frozenset({State.AWAITING}), State.CLOSED),
    Verb.DENY: (frozenset({State.AWAITING}), State.ACTING),
    Verb.TAKE_BACK: (frozenset({State.AWAITING}), State.ACTING),
    Verb.SILENCE: (frozenset({State.AWAITING}), State.CLOSED),
    Verb.REOPEN: (frozenset({State.CLOSED}), State.REOPENED),
    Verb.ESCALATE: (IN_HAND, State.ASSIGNED),
    Verb.SEND_UP: (IN_HAND, State.ASSIGNED),
    Verb.SEND_DOWN: (IN_HAND, State.ASSIGNED),
    Verb.MERGE: (LIVE, State.CLOSED),
    Verb.WITHDRAW: (LIVE, State.CLOSED),
}

CASE: dict[Verb, dict[State, State]] = {verb: dict.fromkeys(sources, to) for verb, (sources, to) in _LEADS_TO.items()}
# Who owns it, how urgent it is or what it says changes, where it stands does not.
for _verb in (Verb.HAND_OVER, Verb.CONSENT, Verb.TIER, Verb.DUE):
    CASE[_verb] = {state: state for state in LIVE}
CASE[Verb.REWORD] = {State.OPEN: State.OPEN}

REFERRAL: dict[Referral.State, frozenset[Referral.State]] = {
    Referral.State.ASKED: frozenset({Referral.State.ACCEPTED, Referral.State.REFUSED, Referral.State.RETURNED}),
    Referral.State.ACCEPTED: frozenset({Referral.State.RETURNED}),
    Referral.State.REFUSED: frozenset(),
    Referral.State.RETURNED: frozenset(),
}

ABOVE: dict[Level, Level] = {
    Level.CLASS: Level.COHORT,
    Level.COHORT: Level.SCHOOL,
    Level.SCHOOL: Level.SECTION,
    Level.SECTION: Level.DIRECTOR,
}
# How long a result waits for a word.
SILENCE_DAYS = 14


def next_state(case: CaseFile, verb: Verb) -> State:
    """Where the verb leads from where the case is, or why it cannot be done now."""
    state = State(case.state)
    if state not in CASE[verb]:
        raise Conflict(
            _("这件事现在是“%(state)s”,不能“%(verb)s”。请刷新页面再看。")
            % {"state": state.label, "verb": VERB_WORDS[verb]}
        )
    return CASE[verb][state]
