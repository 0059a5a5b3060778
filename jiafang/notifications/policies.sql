-- Which notifications the database lets somebody see: their own, of the capacity in which they act or of any.
-- Telling others is part of a use case that has claimed something else; marking as read claims the rows themselves.

CREATE OR REPLACE FUNCTION fence.in_this_capacity(of_kind text, of_school bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT fence.kind() <> '' AND (of_kind = '' OR (
        of_kind = fence.kind() AND (of_school IS NULL OR fence.school() IN (0, of_school))))
$$;

CALL fence.protect('notifications_notification', '{}', $$
    person_id = (SELECT fence.person()) AND fence.in_this_capacity(capacity_kind, school_id)
$$);
CREATE OR REPLACE FUNCTION fence.may_change_notifications_notification(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT cardinality(ids) = (
        SELECT count(*) FROM notifications_notification
        WHERE id = ANY(ids::bigint[]) AND person_id = fence.person()
            AND fence.in_this_capacity(capacity_kind, school_id))
$$;
