"""Who hears of whose changes: the one page on which a lower app reaches a higher one."""

from django.conf import settings
from django.contrib.auth import user_logged_in, user_logged_out

from jiafang.access import capacities
from jiafang.accounts import standing
from jiafang.organization import changes
from jiafang.organization.capacities import actors_of_user


def connect() -> None:
    """Wire the house; called once at start."""
    capacities.provide(actors_of_user)
    standing.provide(lambda user_id: capacities.standing(actors_of_user(user_id)))
    from jiafang.campaigns.services.follow_changes import follow_changes

    changes.subscribe(follow_changes)
    from jiafang.care.services.hand_over import follow_changes as hand_over

    changes.subscribe(hand_over)
    from jiafang.web.accounts.signed_in import close_session, open_session

    if settings.DEMONSTRATION:
        from jiafang.demonstration.codes import code_to_show
        from jiafang.web.accounts.second_factor import code_hints

        code_hints[:] = [code_to_show]
    user_logged_in.connect(open_session, dispatch_uid="device")
    user_logged_out.connect(close_session, dispatch_uid="device")
