"""The database itself keeps the number of cases, row by row. Taking away never creates a row."""

from django.db import migrations

CREATE = """
CREATE FUNCTION care_tally_cases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE care_casetally SET count = count - 1
        WHERE school_id = OLD.school_id AND category_id = OLD.category_id AND level = OLD.level AND state = OLD.state
            AND due_week = date_trunc('week', OLD.due)::date;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO care_casetally AS tally (school_id, category_id, level, state, due_week, count)
        VALUES (NEW.school_id, NEW.category_id, NEW.level, NEW.state, date_trunc('week', NEW.due)::date, 1)
        ON CONFLICT (school_id, category_id, level, state, due_week) DO UPDATE SET count = tally.count + 1;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER care_tally_added AFTER INSERT OR DELETE ON care_casefile
    FOR EACH ROW EXECUTE FUNCTION care_tally_cases();
CREATE TRIGGER care_tally_changed AFTER UPDATE ON care_casefile FOR EACH ROW
    WHEN ((OLD.school_id, OLD.category_id, OLD.level, OLD.state, OLD.due)
        IS DISTINCT FROM (NEW.school_id, NEW.category_id, NEW.level, NEW.state, NEW.due))
    EXECUTE FUNCTION care_tally_cases();
"""
DROP = """
DROP TRIGGER care_tally_added ON care_casefile;
DROP TRIGGER care_tally_changed ON care_casefile;
DROP FUNCTION care_tally_cases();
"""


class Migration(migrations.Migration):
    dependencies = [("care", "0001_first_tables")]

    operations = [migrations.RunSQL(CREATE, DROP)]
