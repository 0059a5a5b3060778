-- Which sums the database lets each capacity see. They are kept by a trigger, which runs as the owner of the tables.

CALL fence.protect('insight_dutytally', '{administrator,director}', $$
    ((SELECT fence.kind()) = 'cadre' AND school_id IN (SELECT unnest(fence.paired_schools())))
    OR ((SELECT fence.kind()) = 'principal' AND school_id = (SELECT fence.school()))
    OR ((SELECT fence.kind()) = 'cohort_lead' AND cohort_id IN (SELECT unnest(fence.led_cohorts())))
    OR ((SELECT fence.kind()) = 'teacher' AND school_class_id IN (SELECT unnest(fence.homeroom_classes())))
$$);
ALTER FUNCTION insight_tally_duties() SECURITY DEFINER SET search_path = public, pg_temp;
