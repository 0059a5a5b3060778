-- Which people and units the database lets each capacity see (the words are in scope.py; this is said apart from it).

-- The posts that make a capacity; a claim to one that nobody holds today makes nobody of the actor.
CREATE OR REPLACE FUNCTION fence.kind_of_post(post text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN post IN ('principal', 'deputy_principal', 'moral_deputy') THEN 'principal'
        WHEN post IN ('homeroom_teacher', 'subject_teacher', 'employee') THEN 'teacher'
        ELSE post
    END
$$;
CREATE OR REPLACE FUNCTION fence.holds(who bigint, as_kind text, at_school bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE
        WHEN as_kind = 'guardian' THEN EXISTS (
            SELECT FROM organization_guardianship WHERE guardian_id = who AND revoked_on IS NULL AND may_see)
        ELSE EXISTS (
            SELECT FROM organization_post
            WHERE person_id = who AND fence.held("start", "end") AND fence.kind_of_post(kind) = as_kind
                AND coalesce(school_id, 0) = coalesce(at_school, 0))
    END
$$;

CALL fence.define('own_posts_classes', $$
    SELECT school_class_id FROM organization_post
    WHERE fence.kind() = 'teacher' AND person_id = fence.person() AND school_id = fence.school()
        AND fence.held("start", "end") AND school_class_id IS NOT NULL AND fence.kind_of_post(kind) = 'teacher'
$$);
CALL fence.define('homeroom_classes', $$
    SELECT school_class_id FROM organization_post
    WHERE fence.kind() = 'teacher' AND person_id = fence.person() AND school_id = fence.school()
        AND fence.held("start", "end") AND school_class_id IS NOT NULL AND kind = 'homeroom_teacher'
$$);
CALL fence.define('led_cohorts', $$
    SELECT cohort_id FROM organization_post
    WHERE fence.kind() = 'cohort_lead' AND person_id = fence.person() AND school_id = fence.school()
        AND fence.held("start", "end") AND cohort_id IS NOT NULL AND kind = 'cohort_lead'
$$);
CALL fence.define('paired_schools', $$
    SELECT school_id FROM organization_pairing
    WHERE fence.kind() = 'cadre' AND cadre_id = fence.person() AND fence.held("start", "end")
$$);
CALL fence.define('wards', $$
    SELECT student_id FROM organization_guardianship
    WHERE fence.kind() = 'guardian' AND guardian_id = fence.person() AND revoked_on IS NULL AND may_see
$$);
-- Closed to whoever acts at work: those whose guardian one is or ever was. What a guardian may see are the wards above.
CALL fence.define('own_children', $$
    SELECT student_id FROM organization_guardianship WHERE guardian_id = fence.person()
$$);
-- Students answered for today.
CALL fence.define('students', $$
    SELECT e.student_id FROM organization_enrollment e
    JOIN organization_schoolclass c ON c.id = e.school_class_id JOIN organization_gradecohort k ON k.id = c.cohort_id
    WHERE fence.kind() = 'principal' AND k.school_id = fence.school() AND fence.held(e."start", e."end")
    UNION ALL SELECT e.student_id FROM organization_enrollment e
    JOIN organization_schoolclass c ON c.id = e.school_class_id
    WHERE fence.kind() = 'cohort_lead' AND c.cohort_id = ANY(fence.led_cohorts()) AND fence.held(e."start", e."end")
    UNION ALL SELECT e.student_id FROM organization_enrollment e
    WHERE fence.kind() = 'teacher' AND e.school_class_id = ANY(fence.own_posts_classes())
        AND fence.held(e."start", e."end")
    UNION ALL SELECT e.student_id FROM organization_enrollment e
    WHERE fence.kind() = 'guardian' AND e.student_id = ANY(fence.wards()) AND fence.held(e."start", e."end")
$$);
-- Those whose class, cohort or school the actor leads.
CALL fence.define('led_students', $$
    SELECT student_id FROM unnest(fence.students()) student_id WHERE fence.kind() IN ('principal', 'cohort_lead')
    UNION ALL SELECT e.student_id FROM organization_enrollment e
    WHERE fence.kind() = 'teacher' AND e.school_class_id = ANY(fence.homeroom_classes())
        AND fence.held(e."start", e."end")
$$);
-- Those whose guardians' requests the actor answers.
CALL fence.define('answered_students', $$
    SELECT student_id FROM unnest(fence.led_students()) student_id WHERE fence.kind() IN ('principal', 'teacher')
$$);
CALL fence.define('staff', $$
    SELECT person_id FROM organization_post
    WHERE fence.kind() = 'cadre' AND fence.held("start", "end")
        AND (school_id IS NULL OR school_id = ANY(fence.paired_schools()))
    UNION SELECT p.person_id FROM organization_post p
    WHERE fence.kind() = 'guardian' AND fence.held(p."start", p."end") AND p.school_class_id IN (
        SELECT school_class_id FROM organization_enrollment e
        WHERE e.student_id = ANY(fence.wards()) AND fence.held(e."start", e."end"))
    UNION SELECT person_id FROM organization_post
    WHERE fence.kind() = 'director' AND fence.held("start", "end")
    UNION SELECT person_id FROM organization_post
    WHERE fence.kind() IN ('principal', 'cohort_lead', 'teacher', 'counselor') AND school_id = fence.school()
        AND fence.held("start", "end")
$$);
CALL fence.define('near_households', $$
    SELECT household_id FROM organization_householdmembership
    WHERE fence.kind() IN ('principal', 'cohort_lead', 'teacher', 'guardian') AND fence.held("start", "end")
        AND (person_id = fence.person() OR person_id = ANY(fence.students()))
$$);
CALL fence.define('people', $$
    SELECT unnest(fence.staff())
    UNION SELECT unnest(fence.students())
    UNION SELECT unnest(fence.wards())
    UNION SELECT guardian_id FROM organization_guardianship
    WHERE fence.kind() IN ('principal', 'cohort_lead', 'teacher') AND revoked_on IS NULL
        AND student_id = ANY(fence.students())
$$);

-- A school's name and place are no secret to anybody who has come in; what happens there is.
CALL fence.protect('organization_school', '{}', '(SELECT fence.signed_in())');
CALL fence.protect('organization_gradecohort', '{}', '(SELECT fence.signed_in())');
CALL fence.protect('organization_schoolclass', '{}', '(SELECT fence.signed_in())');
CALL fence.protect('organization_rosterimport', '{administrator}');
CALL fence.protect('organization_rosterfile', '{administrator}');
CALL fence.protect('organization_pairing', '{administrator,director}', $$
    ((SELECT fence.kind()) = 'cadre' AND cadre_id = (SELECT fence.person()))
    OR ((SELECT fence.kind()) = 'principal' AND school_id = (SELECT fence.school()))
$$);

-- What a guardian asked; whoever answers for the child but is no guardian of it.
CALL fence.protect('organization_correctionrequest', '{}', $$
    ((SELECT fence.kind()) = 'guardian' AND asked_by_id = (SELECT fence.person())
        AND student_id IN (SELECT unnest(fence.wards())))
    OR (
        ((SELECT fence.kind()) = 'administrator' AND EXISTS (
            SELECT FROM organization_enrollment e
            WHERE e.student_id = organization_correctionrequest.student_id AND fence.held(e."start", e."end"))
        OR student_id IN (SELECT unnest(fence.answered_students())))
        AND student_id NOT IN (SELECT unnest(fence.own_children()))
    )
$$);

-- Who may change what, as claimed by the use cases of organization/services.
CREATE OR REPLACE FUNCTION fence.may_ask_organization_person(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() = 'guardian' AND ids::bigint[] <@ fence.students()
$$;
CREATE OR REPLACE FUNCTION fence.may_change_organization_correctionrequest(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT cardinality(ids) = (
        SELECT count(*) FROM organization_correctionrequest r
        WHERE r.id = ANY(ids::bigint[]) AND NOT r.student_id = ANY(fence.own_children())
            AND (r.student_id = ANY(fence.answered_students()) OR (fence.kind() = 'administrator' AND EXISTS (
                SELECT FROM organization_enrollment e
                WHERE e.student_id = r.student_id AND fence.held(e."start", e."end")))))
$$;
CREATE OR REPLACE FUNCTION fence.may_change_organization_person(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() = 'administrator'
        OR (fence.kind() = 'principal' AND ids::bigint[] <@ fence.people())
$$;
CREATE OR REPLACE FUNCTION fence.may_change_organization_household(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() = 'administrator'
        OR (fence.kind() = 'principal' AND ids::bigint[] <@ fence.near_households())
$$;
CREATE OR REPLACE FUNCTION fence.may_change_organization_guardianship(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() = 'administrator' OR (fence.kind() = 'principal' AND cardinality(ids) = (
        SELECT count(*) FROM organization_guardianship
        WHERE id = ANY(ids::bigint[]) AND student_id = ANY(fence.students())))
$$;
-- Who joins a class or leads it.
CREATE OR REPLACE FUNCTION fence.may_change_organization_schoolclass(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() = 'administrator' OR (fence.kind() = 'principal' AND cardinality(ids) = (
        SELECT count(*) FROM organization_schoolclass c JOIN organization_gradecohort k ON k.id = c.cohort_id
        WHERE c.id = ANY(ids::bigint[]) AND k.school_id = fence.school()))
$$;
CREATE OR REPLACE FUNCTION fence.may_change_organization_pairing(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT fence.kind() = 'administrator' $$;
CREATE OR REPLACE FUNCTION fence.may_change_organization_school(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT fence.kind() = 'administrator' $$;
CREATE OR REPLACE FUNCTION fence.may_change_organization_rosterimport(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT fence.kind() = 'administrator' $$;

-- The audit: everybody may leave an entry; what is read of it are openings of one's own and the own children's files.
CREATE OR REPLACE FUNCTION fence.openings() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['student.opened', 'person.opened', 'student.correcting', 'corrections.listed', 'brief.read',
        'student.sheet', 'visit.read', 'visit.writing', 'attachment.opened', 'agenda.opened', 'calendar.fed', 'phone.filled',
        'held.opened', 'class.opened', 'case.opened', 'cases.listed', 'case.exported', 'people.found', 'duties.listed', 'unseen.listed', 'families.listed',
        'windows.opened', 'timetable.opened', 'plan.opened', 'openings.opened', 'export.timetable']
$$;
-- Found by index: below a policy the operators of arrays would read the whole table.
CREATE OR REPLACE FUNCTION fence.openings_of(subject bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM accounts_auditentry
    WHERE subjects @> ARRAY[subject] AND action = ANY((SELECT fence.openings())::text[])
        AND (fence.sees_all('{administrator}') OR subject = fence.person() OR subject = ANY(fence.wards()))
$$;
-- Whoever opened them is named.
CALL fence.define('readers', $$
    SELECT DISTINCT person_id FROM accounts_auditentry
    WHERE subjects && array_append(fence.wards(), fence.person()) AND action = ANY((SELECT fence.openings())::text[])
        AND person_id IS NOT NULL AND fence.kind() <> ''
$$);
-- Whoever may append to the chain, the sequencer, reads every entry; nobody changes one, by right as well.
CALL fence.protect('accounts_auditentry', '{administrator}', $$
    (SELECT has_table_privilege('accounts_auditlink', 'INSERT'))
    OR (action = ANY((SELECT fence.openings())::text[]) AND (SELECT fence.kind()) <> ''
        AND subjects && (SELECT array_append(fence.wards(), fence.person())))
$$);
DROP POLICY adding ON accounts_auditentry;
DROP POLICY changing ON accounts_auditentry;
DROP POLICY removing ON accounts_auditentry;
CREATE POLICY adding ON accounts_auditentry FOR INSERT WITH CHECK (true);
