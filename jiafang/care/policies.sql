-- Who reads cases: those on the list of readers, in the capacity that the row names; never staff about an own child.

-- Whose children a case is about is looked up from the children: few have any where they work, and many read thousands.
-- Nor are doubles taken out, which costs more with thousands than the few that there are.
DO $do$
DECLARE rule text := $$
    FROM care_casereader r
    WHERE r.person_id = fence.person() AND r.kind = fence.kind() AND r.until IS NULL
        AND (r.school_id IS NULL OR r.school_id = fence.school())
        AND (r.school_class_id IS NULL OR r.school_class_id = ANY(fence.own_posts_classes()))
        AND (r.cohort_id IS NULL OR r.cohort_id = ANY(fence.led_cohorts()))
        AND (fence.kind() <> 'guardian'
            OR r.case_id IN (SELECT c.id FROM care_casefile c WHERE c.person_id = ANY(fence.wards())))
        AND (fence.kind() = 'guardian'
            OR r.case_id NOT IN (SELECT c.id FROM care_casefile c WHERE c.person_id = ANY(fence.own_children())))
$$;
BEGIN
    CALL fence.define('case_readings', 'SELECT r.id' || rule);
    CALL fence.define('read_cases', 'SELECT r.case_id' || rule);
    CALL fence.define('inner_cases', 'SELECT r.case_id' || rule || $$ AND r.side IN ('bureau', 'school')$$);
    -- Those of whom the matter is read what has come since they do, and what is their own.
    CALL fence.define('own_side_readings', 'SELECT r.id' || rule || $$ AND r.side IN ('teacher', 'family')$$);
END $do$;
CALL fence.define('asked_referrals', $$
    SELECT f.id FROM care_referral f
    WHERE f.to_person_id = fence.person() AND (f.to_school_id IS NULL OR f.to_school_id = fence.school())
        AND (f.about_id IS NULL OR NOT f.about_id = ANY(fence.own_children()))
        AND f.to_role = ANY(CASE fence.kind()
            WHEN 'teacher' THEN ARRAY['homeroom_teacher'] WHEN 'cohort_lead' THEN ARRAY['cohort_lead']
            WHEN 'counselor' THEN ARRAY['counselor'] WHEN 'principal' THEN ARRAY['moral_deputy', 'principal']
            WHEN 'cadre' THEN ARRAY['cadre', 'section'] WHEN 'director' THEN ARRAY['director'] ELSE '{}'::text[] END)
$$);
CALL fence.define('readable_messages', $$
    SELECT m.id FROM care_message m WHERE m.case_id = ANY(fence.read_cases()) AND EXISTS (
        SELECT FROM care_casereader r
        WHERE r.case_id = m.case_id AND r.id = ANY(fence.case_readings()) AND r.side = ANY(m.audience)
            AND (r.side IN ('bureau', 'school') OR r.since <= m.sent_at OR m.author_id = fence.person()))
$$);
-- What was opened to the family or the teacher before one came, as long as it was opened to nobody else there.
CALL fence.define('open_steps', $$
    SELECT s.id FROM care_casereader r JOIN care_casestep s ON s.case_id = r.case_id
    WHERE r.id = ANY(fence.own_side_readings()) AND NOT s.internal
        AND (r.since <= s.at OR s.by_id = fence.person() OR NOT EXISTS (
            SELECT FROM care_casereader o
            WHERE o.case_id = r.case_id AND o.side = r.side AND o.person_id <> r.person_id AND o.since <= s.at))
$$);
CALL fence.define('shared_actions', $$
    SELECT a.id FROM care_casereader r JOIN care_caseaction a ON a.case_id = r.case_id
    WHERE r.id = ANY(fence.own_side_readings()) AND a.shared
        AND (r.since <= a.written_at OR a.by_id = fence.person() OR NOT EXISTS (
            SELECT FROM care_casereader o
            WHERE o.case_id = r.case_id AND o.side = r.side AND o.person_id <> r.person_id AND o.since <= a.written_at))
$$);
-- People in a case whom its readers may know of.
CALL fence.define('case_people', $$
    WITH whole AS MATERIALIZED (SELECT unnest(fence.read_cases()) AS id),
        work AS MATERIALIZED (SELECT unnest(fence.inner_cases()) AS id),
        named AS (
            SELECT unnest(ARRAY[c.person_id, c.raised_by_id, c.confirmer_id, c.owner_id]) AS id
            FROM whole JOIN care_casefile c ON c.id = whole.id
            UNION SELECT r.person_id FROM whole JOIN care_casereader r ON r.case_id = whole.id
            UNION SELECT a.by_id FROM work JOIN care_caseaction a ON a.case_id = work.id
            UNION SELECT by_id FROM care_caseaction WHERE id = ANY(fence.shared_actions())
            UNION SELECT unnest(ARRAY[s.by_id, s.from_owner_id, s.to_owner_id])
            FROM work JOIN care_casestep s ON s.case_id = work.id
            UNION SELECT unnest(ARRAY[by_id, from_owner_id, to_owner_id])
            FROM care_casestep WHERE id = ANY(fence.open_steps())
            UNION SELECT author_id FROM care_message WHERE id = ANY(fence.readable_messages())
            UNION SELECT unnest(ARRAY[f.asked_by_id, f.to_person_id])
            FROM work JOIN care_referral f ON f.case_id = work.id
            UNION SELECT unnest(ARRAY[asked_by_id, to_person_id, about_id]) FROM care_referral
            WHERE id = ANY(fence.asked_referrals())
        )
    SELECT id FROM named WHERE id IS NOT NULL
$$);
-- Names for a list of cases, of those that are read among them: a list need not find everybody whom one may know of.
CREATE OR REPLACE FUNCTION fence.names_in_cases(cases bigint[]) RETURNS TABLE (id bigint, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, p.name FROM organization_person p WHERE p.id IN (
        SELECT unnest(ARRAY[c.person_id, c.owner_id, c.confirmer_id]) FROM care_casefile c
        WHERE c.id = ANY(cases) AND c.id IN (SELECT unnest(fence.read_cases())))
$$;

CALL fence.protect('care_casefile', '{}', 'id IN (SELECT unnest(fence.read_cases()))');
-- An own row that holds lets its case be read, unless it is about a child of one's own: then all ids need not be looked
-- through for it, which is what lists of thousands are made of.
CALL fence.protect('care_casereader', '{}', $$
    (person_id = (SELECT fence.person()) AND kind = (SELECT fence.kind()) AND until IS NULL AND school_class_id IS NULL
        AND cohort_id IS NULL AND (school_id IS NULL OR school_id = (SELECT fence.school()))
        AND (SELECT fence.kind() <> 'guardian' AND cardinality(fence.own_children()) = 0))
    OR case_id IN (SELECT unnest(fence.read_cases()))
$$);
CALL fence.protect('care_casestep', '{}', $$
    case_id IN (SELECT unnest(fence.inner_cases())) OR id IN (SELECT unnest(fence.open_steps()))
$$);
CALL fence.protect('care_caseaction', '{}', $$
    case_id IN (SELECT unnest(fence.inner_cases())) OR id IN (SELECT unnest(fence.shared_actions()))
$$);
CALL fence.protect('care_message', '{}', 'id IN (SELECT unnest(fence.readable_messages()))');
CALL fence.protect('care_messagereceipt', '{}', 'message_id IN (SELECT unnest(fence.readable_messages()))');
CALL fence.protect('care_referral', '{}', $$
    case_id IN (SELECT unnest(fence.inner_cases())) OR id IN (SELECT unnest(fence.asked_referrals()))
$$);
CALL fence.protect('care_checklisttick', '{}', 'case_id IN (SELECT unnest(fence.inner_cases()))');
CALL fence.protect('care_measure', '{}', 'case_id IN (SELECT unnest(fence.inner_cases()))');
CALL fence.protect('care_escalation', '{}', 'case_id IN (SELECT unnest(fence.inner_cases()))');
CALL fence.protect('care_savedfilter', '{}', 'person_id = (SELECT fence.person())');
CALL fence.protect('care_sectionmember', '{}', $$
    (SELECT fence.kind()) NOT IN ('', 'guardian', 'community_partner')
$$);
CALL fence.define('progressing', $$
    SELECT unnest(fence.led_students()) WHERE fence.kind() <> 'guardian'
    UNION SELECT c.person_id FROM care_casefile c JOIN care_casereader r ON r.case_id = c.id
    WHERE c.person_id IS NOT NULL AND r.id = ANY(fence.case_readings()) AND r.side = 'school'
    EXCEPT SELECT unnest(fence.own_children())
$$);
CALL fence.protect('care_progress', '{}', 'person_id IN (SELECT unnest(fence.progressing()))');
CALL fence.protect('care_casetally', '{administrator,director}', $$
    ((SELECT fence.kind()) = 'cadre' AND school_id IN (SELECT unnest(fence.paired_schools())))
    OR ((SELECT fence.kind()) = 'principal' AND school_id = (SELECT fence.school()))
$$);

-- Who may raise: about students, staff and schools within reach, and about oneself.
CREATE OR REPLACE FUNCTION fence.may_raise_organization_person(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE fence.kind()
        WHEN 'guardian' THEN ids::bigint[] <@ fence.wards()
        WHEN 'cadre' THEN ids::bigint[] <@ fence.staff()
        WHEN 'director' THEN ids::bigint[] <@ fence.staff()
        WHEN 'principal' THEN ids::bigint[] <@ (fence.students() || fence.staff())
        WHEN 'cohort_lead' THEN ids::bigint[] <@ (fence.students() || fence.person())
        WHEN 'teacher' THEN ids::bigint[] <@ (fence.students() || fence.person())
        WHEN 'counselor' THEN ids::bigint[] = ARRAY[fence.person()]
        ELSE false END
$$;
CREATE OR REPLACE FUNCTION fence.may_raise_organization_school(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE fence.kind()
        WHEN 'principal' THEN ids::bigint[] = ARRAY[fence.school()]
        WHEN 'cadre' THEN ids::bigint[] <@ fence.paired_schools()
        ELSE fence.kind() = 'director' END
$$;
-- Any reader takes part: writes in the thread, notes that it was read, asks that it be opened again.
CREATE OR REPLACE FUNCTION fence.may_view_care_casefile(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ids::bigint[] <@ fence.read_cases()
$$;
CREATE OR REPLACE FUNCTION fence.may_change_care_casefile(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() NOT IN ('guardian', 'administrator', 'community_partner') AND cardinality(ids) = (
        SELECT count(DISTINCT c.id) FROM care_casefile c JOIN care_casereader r ON r.case_id = c.id
        WHERE c.id = ANY(ids::bigint[]) AND c.owner_id = fence.person() AND r.why = 'owner'
            AND r.id = ANY(fence.case_readings()))
$$;
CREATE OR REPLACE FUNCTION fence.may_confirm_care_casefile(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT cardinality(ids) = (
        SELECT count(*) FROM care_casefile c
        WHERE c.id = ANY(ids::bigint[]) AND c.confirmer_id = fence.person() AND c.id = ANY(fence.read_cases()))
$$;
CREATE OR REPLACE FUNCTION fence.may_lead_care_casefile(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() IN ('principal', 'cadre', 'director') AND ids::bigint[] <@ fence.inner_cases()
$$;
CREATE OR REPLACE FUNCTION fence.may_work_care_casefile(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() NOT IN ('guardian', 'administrator', 'community_partner')
        AND ids::bigint[] <@ fence.inner_cases()
$$;
CREATE OR REPLACE FUNCTION fence.may_answer_care_referral(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ids::bigint[] <@ fence.asked_referrals()
$$;
CREATE OR REPLACE FUNCTION fence.may_change_care_sectionmember(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() IN ('administrator', 'director')
$$;
-- What is no secret is read by everybody who has come in, and written by those who keep it.
CALL fence.protect('care_bureausection', '{}', '(SELECT fence.signed_in())');
CALL fence.protect('care_category', '{}', '(SELECT fence.signed_in())');
CALL fence.protect('care_categoryrule', '{}', '(SELECT fence.signed_in())');
CALL fence.protect('care_resource', '{}', '(SELECT fence.signed_in())');
CREATE OR REPLACE FUNCTION fence.may_change_care_bureausection(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() IN ('administrator', 'director')
$$;
-- A category with its rules.
CREATE OR REPLACE FUNCTION fence.may_change_care_category(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() IN ('administrator', 'director')
$$;
-- An administrator keeps where help is found in the district, a principal what the own school adds.
CREATE OR REPLACE FUNCTION fence.may_change_care_resource(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT cardinality(ids) = (
        SELECT count(*) FROM care_resource r WHERE r.id = ANY(ids::bigint[]) AND CASE fence.kind()
            WHEN 'administrator' THEN r.school_id IS NULL WHEN 'principal' THEN r.school_id = fence.school()
            ELSE false END)
$$;
CREATE OR REPLACE FUNCTION fence.may_keep_organization_school(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (fence.kind() = 'administrator' AND ids = ARRAY['0'])
        OR (fence.kind() = 'principal' AND ids::bigint[] = ARRAY[fence.school()])
$$;
-- Marks and attendance are entered by those who lead the student or work on the case.
CREATE OR REPLACE FUNCTION fence.may_track_organization_person(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ids::bigint[] <@ fence.progressing()
$$;
-- What somebody keeps for oneself on a board.
CREATE OR REPLACE FUNCTION fence.may_keep_organization_person(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() <> '' AND ids::bigint[] = ARRAY[fence.person()]
$$;

-- Sealed reports: whoever wrote one and whoever is named reads it, in the capacity of the row. Whom it is about is
-- sealed too: the database cannot tell an own child.
CALL fence.define('sealed_reports', $$
    SELECT r.report_id FROM care_sealedreader r
    WHERE r.person_id = fence.person() AND r.kind = fence.kind() AND r.until IS NULL
        AND (r.school_id IS NULL OR r.school_id = fence.school())
$$);
CALL fence.protect('care_mandatoryreport', '{}', 'id IN (SELECT unnest(fence.sealed_reports()))');
CALL fence.protect('care_reportaddition', '{}', 'report_id IN (SELECT unnest(fence.sealed_reports()))');
CALL fence.protect('care_sealedreader', '{}', 'report_id IN (SELECT unnest(fence.sealed_reports()))');
CALL fence.protect('care_standingsealedreader', '{}', $$
    ((SELECT fence.kind()) = 'principal' AND school_id = (SELECT fence.school()))
    OR ((SELECT fence.kind()) = 'director' AND school_id IS NULL)
$$);

ALTER FUNCTION care_tally_cases() SECURITY DEFINER SET search_path = public, pg_temp;

-- Whoever has come in writes a report in their own name; those who read one add to it; school and bureau name readers.
CREATE OR REPLACE FUNCTION fence.may_report_organization_person(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() <> '' AND ids::bigint[] = ARRAY[fence.person()]
$$;
CREATE OR REPLACE FUNCTION fence.may_view_care_mandatoryreport(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ids::bigint[] <@ fence.sealed_reports()
$$;
CREATE OR REPLACE FUNCTION fence.may_name_organization_school(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (fence.kind() = 'director' AND ids = ARRAY['0'])
        OR (fence.kind() = 'principal' AND ids::bigint[] = ARRAY[fence.school()])
$$;
-- Those who wrote, read or added to a sealed report that one reads.
CALL fence.define('sealed_people', $$
    SELECT reported_by_id FROM care_mandatoryreport WHERE id = ANY(fence.sealed_reports())
    UNION SELECT person_id FROM care_sealedreader WHERE report_id = ANY(fence.sealed_reports())
    UNION SELECT by_id FROM care_reportaddition WHERE report_id = ANY(fence.sealed_reports())
$$);
