-- The mechanism of the second fence: who acts is known to the database, and every scoped table asks it.
-- The rules of each room are in its own policies.sql; `jiafang migrate` installs all of them, in this order.
-- Functions run as the owner of the tables, whom an explicit policy lets through, so that rules do not ask each other.

CREATE SCHEMA IF NOT EXISTS fence;
GRANT USAGE ON SCHEMA fence TO PUBLIC;
CREATE TABLE IF NOT EXISTS fence.remembered (name text PRIMARY KEY);
TRUNCATE fence.remembered;

CREATE OR REPLACE FUNCTION fence.person() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('fence.person', true), '')::bigint, 0) $$;
CREATE OR REPLACE FUNCTION fence.kind() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT coalesce(current_setting('fence.kind', true), '') $$;
CREATE OR REPLACE FUNCTION fence.school() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('fence.school', true), '')::bigint, 0) $$;
CREATE OR REPLACE FUNCTION fence.today() RETURNS date LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('fence.today', true), '')::date $$;

-- 'all' for the machine itself and, after a claim, for the rest of a use case; '' otherwise.
CREATE OR REPLACE FUNCTION fence.reach() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT coalesce(current_setting('fence.reach', true), '') $$;

CREATE OR REPLACE FUNCTION fence.sees_all(kinds text[]) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT fence.reach() = 'all' OR fence.kind() = ANY(kinds) $$;

CREATE OR REPLACE FUNCTION fence.signed_in() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT fence.reach() = 'all' OR fence.kind() <> '' $$;

CREATE OR REPLACE FUNCTION fence.held(since date, until date) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT since <= fence.today() AND (until IS NULL OR until > fence.today()) $$;

-- Somebody begins to act until the transaction ends: nobody, unless the database itself finds the post that is named.
CREATE OR REPLACE FUNCTION fence.enter(who bigint, as_kind text, at_school bigint, on_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE one text;
BEGIN
    FOR one IN SELECT name FROM fence.remembered LOOP
        PERFORM set_config('fence.' || one, '', true);
    END LOOP;
    PERFORM set_config('fence.person', coalesce(who, 0)::text, true),
        set_config('fence.school', coalesce(at_school, 0)::text, true),
        set_config('fence.today', on_day::text, true),
        set_config('fence.reach', CASE WHEN as_kind = 'system' THEN 'all' ELSE '' END, true);
    PERFORM set_config('fence.kind', CASE WHEN as_kind = 'system' OR fence.holds(who, as_kind, at_school)
        THEN as_kind ELSE '' END, true);
END $$;

-- Everything that says who acts, so that a transaction within a transaction gives the word back.
CREATE OR REPLACE FUNCTION fence.settings() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT ARRAY['person', 'kind', 'school', 'today', 'reach'] || ARRAY(SELECT name FROM fence.remembered ORDER BY name)
$$;
CREATE OR REPLACE FUNCTION fence.state() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT coalesce(current_setting('fence.' || one, true), '') FROM unnest(fence.settings()) one)
$$;
CREATE OR REPLACE FUNCTION fence.resume(before text[]) RETURNS void LANGUAGE sql AS $$
    SELECT set_config('fence.' || one, kept, true) FROM unnest(fence.settings(), before) AS s(one, kept)
$$;

-- A use case may change something, and read what it needs for that, once the database agrees that this actor may
-- do so with these rows. `fence.may_<purpose>_<table>(ids)` decides; what has no such function is refused.
CREATE OR REPLACE FUNCTION fence.claim(purpose text, of_table text, ids text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE agreed boolean := false; rule text := format('may_%s_%s', purpose, of_table);
BEGIN
    IF fence.kind() = 'system' THEN
        RETURN true;
    END IF;
    IF fence.kind() <> '' AND cardinality(ids) > 0
        AND EXISTS (SELECT FROM pg_proc WHERE proname = rule AND pronamespace = 'fence'::regnamespace) THEN
        EXECUTE format('SELECT fence.%I($1)', rule) INTO agreed USING ids;
    END IF;
    IF coalesce(agreed, false) THEN
        PERFORM set_config('fence.reach', 'all', true);
    END IF;
    RETURN coalesce(agreed, false);
END $$;

-- What an actor reaches is found once in a transaction: fence.<name>() remembers the ids. The planner counts the cost of a
-- function anew for each row that is looked up by its key; told what it costs once, it would rather read tables whole.
CREATE OR REPLACE PROCEDURE fence.define(called text, query text, of_type text DEFAULT 'bigint')
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fence.remembered VALUES (called) ON CONFLICT DO NOTHING;
    -- As they stand, the ids would be asked for once for each row that is looked at.
    query := regexp_replace(query, 'ANY\((fence\.\w+\(\)(?: \|\| fence\.\w+\(\))*)\)', 'ANY(ARRAY(SELECT unnest(\1)))', 'g');
    -- And the day would be read from its setting for each row.
    query := regexp_replace(query, 'fence\.held\(([^,()]+), ([^,()]+)\)',
        '(\1 <= (SELECT fence.today()) AND (\2 IS NULL OR \2 > (SELECT fence.today())))', 'g');
    EXECUTE format($f$
        CREATE OR REPLACE FUNCTION fence.%1$I() RETURNS %3$s[]
        LANGUAGE plpgsql STABLE SECURITY DEFINER COST 0.1 SET search_path = public, pg_temp AS $body$
        DECLARE kept text := current_setting('fence.%1$s', true); ids %3$s[];
        BEGIN
            IF kept <> '' THEN
                RETURN kept::%3$s[];
            END IF;
            ids := ARRAY(%2$s);
            PERFORM set_config('fence.%1$s', ids::text, true);
            RETURN ids;
        END $body$ $f$, called, query, of_type);
END $$;

-- Close a table: its owner passes, who may see everything passes, the others see what `visible` selects; writing needs
-- a claim, or a row that `own` selects.
CREATE OR REPLACE PROCEDURE fence.protect(of_table text, all_of_it text[], visible text DEFAULT 'false',
    own text DEFAULT 'false')
LANGUAGE plpgsql AS $$
DECLARE one text; writing text := format('(SELECT fence.reach()) = ''all'' OR (%s)', own);
BEGIN
    -- As they stand, the planner would find all the ids in order to guess their number, for each query anew.
    visible := regexp_replace(visible, 'unnest\((fence\.\w+\(\))\)', 'unnest((SELECT \1))', 'g');
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', of_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', of_table);
    FOR one IN SELECT policyname FROM pg_policies WHERE schemaname = 'public' AND tablename = of_table LOOP
        EXECUTE format('DROP POLICY %I ON %I', one, of_table);
    END LOOP;
    EXECUTE format('CREATE POLICY owner ON %I TO %I USING (true) WITH CHECK (true)', of_table, current_user);
    EXECUTE format('CREATE POLICY reading ON %I FOR SELECT USING ((SELECT fence.sees_all(%L)) OR (%s))',
        of_table, all_of_it, visible);
    EXECUTE format('CREATE POLICY adding ON %I FOR INSERT WITH CHECK (%s)', of_table, writing);
    EXECUTE format('CREATE POLICY changing ON %I FOR UPDATE USING (%s) WITH CHECK (%s)', of_table, writing, writing);
    EXECUTE format('CREATE POLICY removing ON %I FOR DELETE USING (%s)', of_table, writing);
END $$;

-- Grants are opened by use cases; nobody needs to read those of others.
CALL fence.protect('access_grant', '{}', 'person_id = (SELECT fence.person())');

