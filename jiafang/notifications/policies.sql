-- Which notifications the database lets somebody see: their own, of the capacity in which they act.
-- They mark these as read without a claim; to tell others something is part of a use case that has claimed.

CALL fence.protect('notifications_notification', '{}', $$
    person_id = (SELECT fence.person()) AND (SELECT fence.kind()) <> '' AND (capacity_kind = '' OR (
        capacity_kind = (SELECT fence.kind())
        AND (school_id IS NULL OR (SELECT fence.school()) IN (0, school_id))))
$$, 'person_id = (SELECT fence.person())');
