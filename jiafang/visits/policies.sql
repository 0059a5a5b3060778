-- Which records, and which people through a meeting, the database lets each capacity see.

CALL fence.define('counted_students', $$
    SELECT e.student_id FROM organization_enrollment e
    JOIN organization_schoolclass c ON c.id = e.school_class_id JOIN organization_gradecohort k ON k.id = c.cohort_id
    WHERE fence.kind() = 'cadre' AND k.school_id = ANY(fence.paired_schools()) AND fence.held(e."start", e."end")
$$);
CALL fence.define('met', $$ SELECT DISTINCT person_id FROM campaigns_duty WHERE id = ANY(fence.at_hand()) $$);
CALL fence.define('met_households', $$
    SELECT DISTINCT household_id FROM organization_householdmembership
    WHERE person_id = ANY(fence.met()) AND fence.held("start", "end")
$$);
CALL fence.define('met_and_mates', $$
    SELECT unnest(fence.met())
    UNION SELECT person_id FROM organization_householdmembership
    WHERE household_id = ANY(fence.met_households()) AND fence.held("start", "end")
$$);
CALL fence.define('written_visits', $$
    SELECT id FROM visits_visit WHERE fence.kind() NOT IN ('guardian', 'administrator', 'community_partner')
        AND recorded_by_id = fence.person()
    UNION SELECT visit_id FROM visits_visit_visitors
    WHERE fence.kind() NOT IN ('guardian', 'administrator', 'community_partner') AND person_id = fence.person()
$$, 'uuid');
CALL fence.define('visits_of_own_children', $$
    SELECT v.visit_id FROM visits_visit_duties v JOIN campaigns_duty d ON d.id = v.duty_id
    WHERE d.person_id = ANY(fence.own_children())
$$, 'uuid');
CALL fence.define('near_visits', $$
    SELECT unnest(fence.written_visits())
    UNION (
        SELECT v.visit_id FROM visits_visit_duties v JOIN campaigns_duty d ON d.id = v.duty_id
        WHERE fence.kind() = 'teacher' AND d.school_class_id = ANY(fence.homeroom_classes())
            AND d.campaign_id = ANY(fence.family_campaigns())
        UNION SELECT v.visit_id FROM visits_visit_duties v JOIN campaigns_duty d ON d.id = v.duty_id
        WHERE fence.kind() = 'cohort_lead' AND d.cohort_id = ANY(fence.led_cohorts())
            AND d.campaign_id = ANY(fence.family_campaigns())
        UNION SELECT v.visit_id FROM visits_visit_duties v JOIN campaigns_duty d ON d.id = v.duty_id
        WHERE fence.kind() = 'principal' AND d.campaign_id = ANY(fence.family_campaigns())
        UNION SELECT visit_id FROM visits_visit_duties
        WHERE fence.kind() IN ('director', 'cadre') AND duty_id = ANY(fence.recordable())
        EXCEPT SELECT unnest(fence.visits_of_own_children())
    )
$$, 'uuid');
-- Those met, who lives with them and who answers for them.
CALL fence.define('met_people', $$
    SELECT unnest(fence.met_and_mates())
    UNION SELECT guardian_id FROM organization_guardianship WHERE revoked_on IS NULL AND student_id = ANY(fence.met())
$$);
-- People whom another visible row names: who visits, who took part, who wrote.
CALL fence.define('named_people', $$
    SELECT person_id FROM campaigns_duty
    WHERE campaign_id = ANY(fence.led_campaigns()) OR id = ANY(fence.near_duties())
    UNION SELECT lead_id FROM campaigns_visitgroup WHERE id = ANY(fence.seen_groups())
    UNION SELECT person_id FROM campaigns_visitgroup_co_visitors WHERE visitgroup_id = ANY(fence.seen_groups())
    UNION SELECT person_id FROM campaigns_appointment_visitors WHERE appointment_id = ANY(fence.seen_appointments())
    UNION SELECT cadre_id FROM organization_pairing WHERE fence.kind() = 'principal' AND school_id = fence.school()
    UNION SELECT recorded_by_id FROM visits_visit WHERE id = ANY(fence.near_visits())
    UNION SELECT person_id FROM visits_visit_visitors WHERE visit_id = ANY(fence.near_visits())
    UNION SELECT d.person_id FROM visits_visit_duties v JOIN campaigns_duty d ON d.id = v.duty_id
    WHERE v.visit_id = ANY(fence.near_visits())
    UNION SELECT person_id FROM visits_participant WHERE visit_id = ANY(fence.near_visits()) AND person_id IS NOT NULL
    UNION SELECT saved_by_id FROM visits_visitrevision WHERE visit_id = ANY(fence.near_visits())
    UNION SELECT person_id FROM visits_helditem WHERE id = ANY(fence.acceptable_items())
    UNION SELECT requested_by_id FROM campaigns_planrun
    WHERE requested_by_id IS NOT NULL AND campaign_id = ANY(fence.led_campaigns() || fence.family_campaigns())
    UNION SELECT created_by_id FROM campaigns_campaign
    WHERE created_by_id IS NOT NULL AND id = ANY(fence.near_campaigns())
$$);

CALL fence.protect('organization_person', '{administrator}', $$
    id = (SELECT fence.person()) OR id IN (SELECT unnest(fence.people())) OR id IN (SELECT unnest(fence.met_people()))
    OR id IN (SELECT unnest(fence.named_people()))
    OR id IN (SELECT unnest(fence.readers()))
    OR id IN (SELECT unnest(fence.case_people()))
    OR id IN (SELECT unnest(fence.sealed_people()))
$$);
CALL fence.protect('organization_post', '{administrator,director}', $$
    person_id = (SELECT fence.person()) OR person_id IN (SELECT unnest(fence.staff()))
    OR person_id IN (SELECT unnest(fence.met()))
$$);
CALL fence.protect('organization_enrollment', '{administrator,director}', $$
    student_id IN (SELECT unnest(fence.students()))
    OR student_id IN (SELECT unnest(fence.met_and_mates()))
    OR ((SELECT fence.kind()) = 'cadre' AND school_class_id IN (
        SELECT c.id FROM organization_schoolclass c JOIN organization_gradecohort k ON k.id = c.cohort_id
        WHERE k.school_id IN (SELECT unnest(fence.paired_schools()))))
$$);
CALL fence.protect('organization_guardianship', '{administrator}', $$
    student_id IN (SELECT unnest(fence.students()))
    OR (revoked_on IS NULL AND student_id IN (SELECT unnest(fence.met())))
$$);
CALL fence.protect('organization_household', '{administrator}', $$
    id IN (SELECT unnest(fence.near_households())) OR id IN (SELECT unnest(fence.met_households()))
$$);
CALL fence.protect('organization_householdmembership', '{administrator}', $$
    ((SELECT fence.kind()) IN ('principal', 'cohort_lead', 'teacher', 'guardian')
        AND (person_id = (SELECT fence.person()) OR person_id IN (SELECT unnest(fence.students()))))
    OR household_id IN (SELECT unnest(fence.met_households()))
$$);
CALL fence.protect('organization_seasonalresidence', '{administrator}', $$
    household_id IN (SELECT unnest(fence.near_households()))
$$);
CALL fence.protect('organization_caretag', '{administrator}', $$
    (
        ((SELECT fence.kind()) IN ('principal', 'cohort_lead', 'teacher')
            AND student_id IN (SELECT unnest(fence.students())))
        OR student_id IN (SELECT unnest(fence.met()))
    )
    AND (
        student_id IN (SELECT unnest(fence.led_students()))
        OR kind_id IN (SELECT id FROM organization_caretagkind WHERE NOT restricted)
    )
    AND NOT (
        student_id IN (SELECT unnest(fence.own_children()))
        AND kind_id IN (SELECT id FROM organization_caretagkind WHERE restricted)
    )
$$);

CALL fence.protect('visits_visit', '{}', 'id IN (SELECT unnest(fence.near_visits()))');
CALL fence.protect('visits_visit_duties', '{}', 'visit_id IN (SELECT unnest(fence.near_visits()))');
CALL fence.protect('visits_visit_visitors', '{}', 'visit_id IN (SELECT unnest(fence.near_visits()))');
CALL fence.protect('visits_participant', '{}', 'visit_id IN (SELECT unnest(fence.near_visits()))');
-- What a teacher tells of home and health is read by those who came; what a colleague wrote about an own child is not.
CALL fence.define('confided_visits', $$
    SELECT v.id FROM visits_visit v JOIN campaigns_campaign m ON m.id = v.campaign_id
    WHERE v.id = ANY(fence.near_visits()) AND m.tier IN ('principal_teacher', 'bureau_teacher')
        AND NOT v.id = ANY(fence.written_visits())
$$, 'uuid');
CALL fence.define('recorded_visits', $$ SELECT id FROM visits_visit WHERE recorded_by_id = fence.person() $$, 'uuid');
CALL fence.protect('visits_visitrevision', '{}', $$
    visit_id IN (SELECT unnest(fence.near_visits())) AND visit_id NOT IN (SELECT unnest(fence.confided_visits()))
    AND (visit_id NOT IN (SELECT unnest(fence.visits_of_own_children()))
        OR visit_id IN (SELECT unnest(fence.recorded_visits())))
$$);
CALL fence.protect('visits_attachment', '{}', $$
    visit_id IN (SELECT unnest(fence.near_visits())) AND visit_id NOT IN (SELECT unnest(fence.confided_visits()))
    AND (visit_id NOT IN (SELECT unnest(fence.visits_of_own_children()))
        OR visit_id IN (SELECT unnest(fence.recorded_visits())))
$$);
CALL fence.protect('visits_note', '{}', $$
    visit_id IN (SELECT unnest(fence.near_visits()))
    AND (axis = 'teaching' OR visit_id NOT IN (SELECT unnest(fence.confided_visits())))
    AND (person_id NOT IN (SELECT unnest(fence.own_children()))
        OR visit_id IN (SELECT unnest(fence.recorded_visits())))
$$);
CALL fence.protect('visits_raisedconcern', '{}', $$
    visit_id IN (SELECT unnest(fence.near_visits()))
    AND (category IN ('study', 'teaching', 'conditions', 'safety', 'tutoring')
        OR visit_id NOT IN (SELECT unnest(fence.confided_visits())))
    AND (person_id NOT IN (SELECT unnest(fence.own_children()))
        OR visit_id IN (SELECT unnest(fence.recorded_visits())))
$$);
-- When somebody was last met is counted further than it is seen by name.
CALL fence.protect('visits_lastcontact', '{administrator,director}', $$
    person_id IN (SELECT unnest(fence.led_students())) OR person_id IN (SELECT unnest(fence.counted_students()))
$$);

-- Who may change a record: whoever wrote it or visited.
CREATE OR REPLACE FUNCTION fence.may_change_visits_visit(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ids::uuid[] <@ fence.written_visits()
$$;

-- A family is told that photos were taken, and sees none.
CREATE OR REPLACE FUNCTION fence.attachments_about(child bigint) RETURNS TABLE (kind text, count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.kind, count(DISTINCT a.id) FROM visits_attachment a
    JOIN visits_visit_duties v ON v.visit_id = a.visit_id JOIN campaigns_duty d ON d.id = v.duty_id
    WHERE d.person_id = child AND child = ANY(fence.wards()) GROUP BY a.kind ORDER BY a.kind
$$;

-- What phones have sent: one's own; the administrator sees what is held (its text stays closed: no page fetches it);
-- a record out of its writer's reach whoever could read it if it were one.
CALL fence.define('acceptable_items', $$
    SELECT h.id FROM visits_helditem h
    WHERE h.state = 'open' AND h.reason = 'out_of_reach' AND h.kind = 'visit' AND h.person_id <> fence.person()
        AND fence.kind() IN ('teacher', 'cohort_lead', 'principal', 'director', 'cadre') AND cardinality(h.duty_ids) > 0
        AND h.duty_ids <@ ARRAY(
            SELECT d.id FROM campaigns_duty d
            WHERE d.id = ANY(h.duty_ids) AND d.campaign_id = ANY(fence.family_campaigns()) AND (
                fence.kind() = 'principal'
                OR (fence.kind() = 'teacher' AND d.school_class_id = ANY(fence.homeroom_classes()))
                OR (fence.kind() = 'cohort_lead' AND d.cohort_id = ANY(fence.led_cohorts())))
            UNION SELECT d.id FROM campaigns_duty d
            WHERE fence.kind() IN ('director', 'cadre') AND d.id = ANY(h.duty_ids) AND d.id = ANY(fence.recordable()))
        AND NOT EXISTS (
            SELECT FROM campaigns_duty d WHERE d.id = ANY(h.duty_ids) AND d.person_id = ANY(fence.own_children()))
$$);
CREATE OR REPLACE FUNCTION fence.sends() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT fence.kind() NOT IN ('', 'guardian', 'administrator', 'community_partner')
$$;
CALL fence.protect('visits_receipt', '{}', $$
    (SELECT fence.sends()) AND person_id = (SELECT fence.person())
$$);
CALL fence.protect('visits_helditem', '{administrator}', $$
    ((SELECT fence.sends()) AND person_id = (SELECT fence.person())) OR id IN (SELECT unnest(fence.acceptable_items()))
$$);
-- Whoever records may have the house keep for them what it cannot take.
CREATE OR REPLACE FUNCTION fence.may_send_organization_person(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.sends() AND ids::bigint[] = ARRAY[fence.person()]
$$;
CREATE OR REPLACE FUNCTION fence.may_change_visits_helditem(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.sends() AND cardinality(ids) = (
        SELECT count(*) FROM visits_helditem WHERE id = ANY(ids::bigint[]) AND person_id = fence.person())
$$;
CREATE OR REPLACE FUNCTION fence.may_accept_visits_helditem(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ids::bigint[] <@ fence.acceptable_items()
$$;
-- Receipts are numbered in the order of commits: whoever takes a number holds it alone until the transaction ends.
CREATE OR REPLACE FUNCTION fence.next_receipt() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('visits_receipt', 0));
    -- A statement of its own: it sees what was committed while this one waited.
    RETURN (SELECT coalesce(max(sequence), 0) + 1 FROM visits_receipt);
END $$;

-- What is asked besides: a draft is seen by its owner alone, the rest by those who visit on that tier.
CALL fence.protect('visits_questionset', '{}', $$
    ((SELECT fence.kind()) IN ('administrator', 'director') AND (school_id IS NULL OR state <> 'draft'))
    OR ((SELECT fence.kind()) = 'cadre' AND school_id IS NULL AND state <> 'draft'
        AND tier IN ('bureau_principal', 'bureau_teacher'))
    OR ((SELECT fence.kind()) = 'principal' AND school_id = (SELECT fence.school()))
    OR ((SELECT fence.kind()) IN ('principal', 'cohort_lead', 'teacher', 'counselor') AND state <> 'draft'
        AND (school_id IS NULL OR school_id = (SELECT fence.school()))
        AND tier IN ('principal_teacher', 'teacher_family'))
$$);
-- Questions are added and changed by their owner: the bureau (no school) or the principal of the school.
CREATE OR REPLACE FUNCTION fence.may_ask_organization_school(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (fence.kind() IN ('administrator', 'director') AND ids = ARRAY['0'])
        OR (fence.kind() = 'principal' AND ids::bigint[] = ARRAY[fence.school()])
$$;
CREATE OR REPLACE FUNCTION fence.may_change_visits_questionset(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT cardinality(ids) = (SELECT count(*) FROM visits_questionset s WHERE s.id = ANY(ids::bigint[]) AND (
        (fence.kind() IN ('administrator', 'director') AND s.school_id IS NULL)
        OR (fence.kind() = 'principal' AND s.school_id = fence.school())))
$$;
