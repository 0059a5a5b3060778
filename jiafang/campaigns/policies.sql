-- Which campaigns, duties and meetings the database lets each capacity see.

-- Campaigns that the actor plans as a whole, and the school's campaigns of families of a cohort lead or teacher.
CALL fence.define('led_campaigns', $$
    SELECT id FROM campaigns_campaign
    WHERE (fence.kind() = 'director' AND tier IN ('bureau_principal', 'bureau_teacher'))
        OR (fence.kind() = 'principal' AND school_id = fence.school())
$$);
CALL fence.define('family_campaigns', $$
    SELECT id FROM campaigns_campaign
    WHERE fence.kind() IN ('cohort_lead', 'teacher', 'principal') AND tier = 'teacher_family'
        AND school_id = fence.school()
$$);
CALL fence.define('own_groups', $$
    SELECT id FROM campaigns_visitgroup WHERE fence.kind() <> 'guardian' AND lead_id = fence.person()
    UNION SELECT visitgroup_id FROM campaigns_visitgroup_co_visitors
    WHERE fence.kind() <> 'guardian' AND person_id = fence.person()
$$);
CALL fence.define('led_groups', $$
    SELECT g.id FROM campaigns_visitgroup g
    JOIN campaigns_campaign m ON m.id = g.campaign_id JOIN organization_schoolclass c ON c.id = g.school_class_id
    WHERE fence.kind() = 'cohort_lead' AND m.school_id = fence.school() AND c.cohort_id = ANY(fence.led_cohorts())
$$);
-- Whoever works at a school visits for it and for the bureau, no more for one that they have left; bureau and community
-- come along everywhere.
CREATE OR REPLACE FUNCTION fence.at_work(school bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT fence.kind() IN ('director', 'cadre', 'community_partner') OR school IS NULL OR school = fence.school()
$$;
-- Published meetings to which the actor comes, at whatever school; then those of them where one works.
CALL fence.define('came_along', $$
    SELECT a.id FROM campaigns_appointment_visitors v JOIN campaigns_appointment a ON a.id = v.appointment_id
    WHERE fence.kind() <> 'guardian' AND v.person_id = fence.person() AND a.published
$$);
CALL fence.define('visiting', $$
    SELECT a.id FROM campaigns_appointment a JOIN campaigns_campaign m ON m.id = a.campaign_id
    WHERE a.id = ANY(fence.came_along()) AND fence.at_work(m.school_id)
$$);
-- Duties to be answered by a record: of own groups, published meetings, the class or cohort led; never about oneself.
-- Also of a school that one has left: what was done there can still be written down.
CALL fence.define('recordable', $$
    SELECT id FROM campaigns_duty
    WHERE fence.kind() NOT IN ('guardian', 'administrator', 'community_partner') AND person_id <> fence.person()
        AND group_id = ANY(fence.own_groups())
    UNION SELECT d.id FROM campaigns_appointment_duties l JOIN campaigns_duty d ON d.id = l.duty_id
    WHERE fence.kind() NOT IN ('guardian', 'administrator', 'community_partner') AND d.person_id <> fence.person()
        AND l.appointment_id = ANY(fence.came_along())
    UNION SELECT id FROM campaigns_duty
    WHERE fence.kind() = 'teacher' AND person_id <> fence.person()
        AND school_class_id = ANY(fence.homeroom_classes()) AND campaign_id = ANY(fence.family_campaigns())
    UNION SELECT id FROM campaigns_duty
    WHERE fence.kind() = 'cohort_lead' AND person_id <> fence.person()
        AND cohort_id = ANY(fence.led_cohorts()) AND campaign_id = ANY(fence.family_campaigns())
$$);
-- Of these, at the own school (the bureau comes along everywhere): still to be done, done in the last two weeks, or of
-- an own meeting of the two weeks before and after today (in the time of settings.TIME_ZONE).
CALL fence.define('at_hand', $$
    SELECT d.id FROM campaigns_duty d JOIN campaigns_campaign m ON m.id = d.campaign_id
    WHERE d.id = ANY(fence.recordable()) AND fence.at_work(m.school_id)
        AND (
            (d.state = 'due' AND (m.state IN ('launched', 'published') OR d.parent_id IS NOT NULL))
            OR d.met_on >= fence.today() - 14
            OR d.id IN (
                SELECT l.duty_id FROM campaigns_appointment_duties l
                JOIN campaigns_appointment a ON a.id = l.appointment_id
                WHERE a.id = ANY(fence.visiting()) AND (a.starts_at AT TIME ZONE 'Asia/Shanghai')::date
                    BETWEEN fence.today() - 14 AND fence.today() + 14))
$$);
-- Duties seen but those of campaigns led as a whole; then with those one meets by an appointment alone.
CALL fence.define('viewed_duties', $$
    SELECT id FROM campaigns_duty WHERE fence.kind() <> 'guardian' AND person_id = fence.person()
    UNION SELECT id FROM campaigns_duty WHERE group_id = ANY(fence.own_groups())
    UNION SELECT d.id FROM campaigns_duty d JOIN campaigns_campaign m ON m.id = d.campaign_id
    WHERE fence.kind() = 'guardian' AND d.person_id = ANY(fence.wards()) AND m.tier = 'teacher_family'
    UNION SELECT id FROM campaigns_duty
    WHERE fence.kind() = 'teacher' AND school_class_id = ANY(fence.homeroom_classes())
        AND campaign_id = ANY(fence.family_campaigns())
    UNION SELECT id FROM campaigns_duty
    WHERE fence.kind() = 'cohort_lead' AND cohort_id = ANY(fence.led_cohorts())
        AND campaign_id = ANY(fence.family_campaigns())
$$);
CALL fence.define('near_duties', $$
    SELECT unnest(fence.recordable()) UNION SELECT unnest(fence.viewed_duties())
$$);
CALL fence.define('near_appointments', $$
    SELECT unnest(fence.visiting())
    UNION SELECT a.id FROM campaigns_appointment_duties l JOIN campaigns_appointment a ON a.id = l.appointment_id
    JOIN campaigns_campaign m ON m.id = a.campaign_id
    WHERE l.duty_id = ANY(fence.near_duties()) AND a.published
        AND (fence.kind() = 'guardian' OR fence.at_work(m.school_id))
$$);
-- Groups that a visible row names: who comes is known to those who are visited.
CALL fence.define('named_groups', $$
    SELECT unnest(fence.own_groups())
    UNION SELECT unnest(fence.led_groups())
    UNION SELECT group_id FROM campaigns_duty WHERE id = ANY(fence.near_duties()) AND group_id IS NOT NULL
    UNION SELECT group_id FROM campaigns_appointment WHERE id = ANY(fence.near_appointments())
$$);
CALL fence.define('joined_campaigns', $$
    WITH own AS (
        SELECT campaign_id FROM campaigns_duty WHERE fence.kind() <> 'guardian' AND person_id = fence.person()
        UNION SELECT campaign_id FROM campaigns_visitgroup WHERE id = ANY(fence.own_groups())
    ), units AS (
        SELECT id, parent_id FROM campaigns_campaign
        WHERE (fence.kind() IN ('principal', 'cohort_lead', 'teacher', 'counselor') AND school_id = fence.school())
            OR (fence.kind() = 'cadre' AND school_id = ANY(fence.paired_schools()))
    )
    SELECT campaign_id FROM own
    UNION SELECT id FROM units
    UNION SELECT parent_id FROM units WHERE parent_id IS NOT NULL
$$);
-- What it is that one records for is read with it; what a school wants talked about is for the work at hand.
CALL fence.define('near_campaigns', $$
    SELECT unnest(fence.joined_campaigns())
    UNION SELECT campaign_id FROM campaigns_duty WHERE id = ANY(fence.recordable())
    UNION SELECT m.id FROM campaigns_campaign m JOIN campaigns_duty d ON d.campaign_id = m.id
    WHERE fence.kind() = 'guardian' AND d.id = ANY(fence.near_duties()) AND m.state <> 'draft'
$$);
CALL fence.define('focused_campaigns', $$
    SELECT unnest(fence.joined_campaigns())
    UNION SELECT campaign_id FROM campaigns_duty WHERE id = ANY(fence.at_hand())
    UNION SELECT m.id FROM campaigns_campaign m JOIN campaigns_duty d ON d.campaign_id = m.id
    WHERE fence.kind() = 'guardian' AND d.id = ANY(fence.near_duties()) AND m.state IN ('published', 'closed')
$$);

-- All of them, for the tables that hang on them: what asks row by row would read every row of the district.
CALL fence.define('seen_appointments', $$
    SELECT unnest(fence.near_appointments())
    UNION SELECT id FROM campaigns_appointment WHERE campaign_id = ANY(fence.led_campaigns())
    UNION SELECT id FROM campaigns_appointment WHERE group_id = ANY(fence.led_groups())
$$);
CALL fence.define('seen_trips', $$
    SELECT trip_id FROM campaigns_appointment WHERE id = ANY(fence.seen_appointments()) AND trip_id IS NOT NULL
$$);
CALL fence.define('seen_groups', $$
    SELECT unnest(fence.named_groups())
    UNION SELECT id FROM campaigns_visitgroup WHERE campaign_id = ANY(fence.led_campaigns())
$$);

-- What is one's own is asked first: where it answers for every row that a page looks up, the wider sets are never found.
CALL fence.protect('campaigns_campaign', '{administrator,director}', $$
    id IN (SELECT unnest(fence.family_campaigns())) OR id IN (SELECT unnest(fence.near_campaigns()))
$$);
CALL fence.protect('campaigns_cohortfocus', '{administrator,director}', $$
    campaign_id IN (SELECT unnest(fence.focused_campaigns()))
$$);
CALL fence.protect('campaigns_shift', '{administrator,director}', $$
    campaign_id IN (SELECT unnest(fence.near_campaigns()))
$$);
CALL fence.protect('campaigns_roadtable', '{administrator,director}', $$
    campaign_id IN (SELECT unnest(fence.near_campaigns()))
$$);
CALL fence.protect('campaigns_visitgroup', '{administrator}', $$
    id IN (SELECT unnest(fence.own_groups()))
    OR campaign_id IN (SELECT unnest(fence.led_campaigns())) OR id IN (SELECT unnest(fence.named_groups()))
$$);
CALL fence.protect('campaigns_duty', '{administrator}', $$
    id IN (SELECT unnest(fence.recordable()))
    OR campaign_id IN (SELECT unnest(fence.led_campaigns())) OR id IN (SELECT unnest(fence.near_duties()))
$$);
CALL fence.protect('campaigns_familywindow', '{administrator}', $$
    duty_id IN (SELECT unnest(fence.viewed_duties()))
    OR ((SELECT fence.kind()) IN ('principal', 'director') AND EXISTS (SELECT FROM campaigns_duty d WHERE d.id = duty_id))
$$);
CALL fence.protect('campaigns_planrun', '{administrator}', $$
    campaign_id IN (SELECT unnest(fence.led_campaigns()))
    OR ((SELECT fence.kind()) = 'cohort_lead' AND campaign_id IN (SELECT unnest(fence.family_campaigns())))
$$);
CALL fence.protect('campaigns_unavailability', '{administrator}', $$
    ((SELECT fence.kind()) NOT IN ('', 'guardian', 'community_partner') AND visitor_id = (SELECT fence.person()))
    OR EXISTS (
        SELECT FROM campaigns_shift s JOIN campaigns_campaign m ON m.id = s.campaign_id
        WHERE s.id = shift_id AND (
            ((SELECT fence.kind()) = 'director' AND m.tier IN ('bureau_principal', 'bureau_teacher'))
            OR ((SELECT fence.kind()) IN ('principal', 'cohort_lead') AND m.school_id = (SELECT fence.school()))))
$$);
CALL fence.protect('campaigns_appointment', '{administrator}', $$
    id IN (SELECT unnest(fence.visiting()))
    OR campaign_id IN (SELECT unnest(fence.led_campaigns()))
    OR group_id IN (SELECT unnest(fence.led_groups()))
    OR id IN (SELECT unnest(fence.near_appointments()))
$$);
CALL fence.protect('campaigns_trip', '{administrator}', $$
    id IN (SELECT unnest(fence.seen_trips()))
$$);
CALL fence.protect('campaigns_occupancy', '{}');
CALL fence.protect('campaigns_appointment_duties', '{administrator}', $$
    appointment_id IN (SELECT unnest(fence.visiting())) OR appointment_id IN (SELECT unnest(fence.seen_appointments()))
$$);
CALL fence.protect('campaigns_appointment_visitors', '{administrator}', $$
    appointment_id IN (SELECT unnest(fence.visiting())) OR appointment_id IN (SELECT unnest(fence.seen_appointments()))
$$);
CALL fence.protect('campaigns_visitgroup_co_visitors', '{administrator}', $$
    visitgroup_id IN (SELECT unnest(fence.own_groups())) OR visitgroup_id IN (SELECT unnest(fence.seen_groups()))
$$);
CALL fence.protect('campaigns_trip_groups', '{administrator}', $$
    trip_id IN (SELECT unnest(fence.seen_trips()))
$$);
CALL fence.protect('campaigns_trip_crew', '{administrator}', $$
    trip_id IN (SELECT unnest(fence.seen_trips()))
$$);

-- Who may change what, as claimed by the use cases of campaigns/services.
CREATE OR REPLACE FUNCTION fence.may_open_organization_school(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() IN ('administrator', 'director')
        OR (fence.kind() = 'principal' AND ids::bigint[] = ARRAY[fence.school()])
$$;
CREATE OR REPLACE FUNCTION fence.may_change_campaigns_campaign(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() IN ('administrator', 'director')
        OR (fence.kind() = 'principal' AND ids::bigint[] <@ fence.led_campaigns())
        OR (fence.kind() = 'cohort_lead' AND ids::bigint[] <@ fence.family_campaigns())
$$;
-- One's own evenings: in any campaign in which one visits.
CREATE OR REPLACE FUNCTION fence.may_visit_campaigns_campaign(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ids::bigint[] <@ ARRAY(SELECT campaign_id FROM campaigns_visitgroup WHERE id = ANY(fence.own_groups()))
$$;
CREATE OR REPLACE FUNCTION fence.may_change_campaigns_planrun(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT cardinality(ids) = (SELECT count(*) FROM campaigns_planrun r WHERE r.id = ANY(ids::bigint[]) AND (
        fence.kind() = 'administrator' OR r.campaign_id = ANY(fence.led_campaigns())
        OR (fence.kind() = 'cohort_lead' AND r.campaign_id = ANY(fence.family_campaigns()))))
$$;
-- What one plans; a homeroom teacher also moves the published meetings of the own group.
CREATE OR REPLACE FUNCTION fence.may_change_campaigns_appointment(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT cardinality(ids) = (
        SELECT count(*) FROM campaigns_appointment a JOIN campaigns_visitgroup g ON g.id = a.group_id
        WHERE a.id = ANY(ids::bigint[]) AND (
            fence.kind() = 'administrator' OR a.campaign_id = ANY(fence.led_campaigns())
            OR a.group_id = ANY(fence.led_groups())
            OR (fence.kind() = 'teacher' AND a.published AND g.lead_id = fence.person()
                AND fence.at_work((SELECT school_id FROM campaigns_campaign WHERE id = a.campaign_id)))))
$$;
CREATE OR REPLACE FUNCTION fence.may_change_campaigns_trip(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.may_change_campaigns_appointment(
        ARRAY(SELECT id::text FROM campaigns_appointment WHERE trip_id = ANY(ids::bigint[])))
        AND EXISTS (SELECT FROM campaigns_appointment WHERE trip_id = ANY(ids::bigint[]))
$$;
-- To confirm, call off, answer or record a meeting: its visitors, the lead of its group, those who plan.
CREATE OR REPLACE FUNCTION fence.may_handle_campaigns_appointment(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.may_change_campaigns_appointment(ids) OR cardinality(ids) = (
        SELECT count(*) FROM campaigns_appointment a JOIN campaigns_visitgroup g ON g.id = a.group_id
        JOIN campaigns_campaign m ON m.id = a.campaign_id
        WHERE a.id = ANY(ids::bigint[]) AND fence.kind() <> 'guardian' AND a.published
            AND ((g.lead_id = fence.person() AND fence.at_work(m.school_id)) OR a.id = ANY(fence.visiting())))
$$;
CREATE OR REPLACE FUNCTION fence.may_record_campaigns_appointment(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() NOT IN ('administrator', 'guardian', 'community_partner') AND ids::bigint[] <@ fence.visiting()
$$;
-- A family answers for its own meeting.
CREATE OR REPLACE FUNCTION fence.may_answer_campaigns_appointment(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fence.kind() = 'guardian' AND ids::bigint[] <@ fence.near_appointments()
$$;
CREATE OR REPLACE FUNCTION fence.may_record_campaigns_duty(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ids::bigint[] <@ fence.recordable()
$$;
-- When a family can be met, whether it wants to be: the family itself, those answerable and those who plan.
CREATE OR REPLACE FUNCTION fence.may_arrange_campaigns_duty(ids text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT cardinality(ids) = (SELECT count(*) FROM campaigns_duty d WHERE d.id = ANY(ids::bigint[]) AND (
        fence.kind() = 'administrator' OR d.campaign_id = ANY(fence.led_campaigns())
        OR d.id = ANY(fence.near_duties())))
$$;
