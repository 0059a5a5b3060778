-- Which sums the database lets each capacity see. They are kept by a trigger, which runs as the owner of the tables.

CALL fence.protect('insight_dutytally', '{administrator,director}', $$
    ((SELECT fence.kind()) = 'cadre' AND school_id IN (SELECT unnest(fence.paired_schools())))
    OR ((SELECT fence.kind()) = 'principal' AND school_id = (SELECT fence.school()))
    OR ((SELECT fence.kind()) = 'cohort_lead' AND cohort_id IN (SELECT unnest(fence.led_cohorts())))
    OR ((SELECT fence.kind()) = 'teacher' AND school_class_id IN (SELECT unnest(fence.homeroom_classes())))
$$);
ALTER FUNCTION insight_tally_duties() SECURITY DEFINER SET search_path = public, pg_temp;

-- Signs are for the homeroom teacher of the class alone, and never about an own child.
CALL fence.define('signed_students', $$
    SELECT unnest(fence.led_students()) WHERE fence.kind() = 'teacher' EXCEPT SELECT unnest(fence.own_children())
$$);
CALL fence.protect('insight_sign', '{}', 'student_id IN (SELECT unnest(fence.signed_students()))');
CREATE OR REPLACE FUNCTION fence.may_change_insight_sign(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT cardinality(ids) = (
        SELECT count(*) FROM insight_sign WHERE id = ANY(ids::bigint[]) AND student_id = ANY(fence.signed_students()))
$$;

-- Everybody who has come in may read after which rules signs are found; whoever sets them writes them.
CALL fence.protect('insight_signrule', '{}', '(SELECT fence.signed_in())');
CREATE OR REPLACE FUNCTION fence.may_change_insight_signrule(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() IN ('administrator', 'director')
$$;
