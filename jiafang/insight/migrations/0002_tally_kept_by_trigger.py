"""The database itself keeps the sums of duties, once for each statement.

Decrements never create a row, so that deleting a campaign with its sums leaves nothing behind. Rows are locked in one
order, so that two bulk changes do not wait for each other in a circle.
"""

from django.db import migrations

KEY = "campaign_id, school_id, cohort_id, school_class_id, state, due, unassigned, met_week"
ROWS = """
    SELECT campaign_id, school_id, cohort_id, school_class_id, state, due, group_id IS NULL AS unassigned,
           date_trunc('week', met_on)::date AS met_week, {sign} AS n
    FROM {source} WHERE parent_id IS NULL
"""
CHANGE = "SELECT {key}, sum(n) AS n FROM ({rows}) AS changed GROUP BY {key} HAVING sum(n) <> 0"
SAME = " AND ".join(f"tally.{column.strip()} IS NOT DISTINCT FROM change.{column.strip()}" for column in KEY.split(","))


def change(*sources: tuple[str, str]) -> str:
    rows = " UNION ALL ".join(ROWS.format(source=source, sign=sign) for source, sign in sources)
    return CHANGE.format(key=KEY, rows=rows)


def steps(changes: str) -> str:
    return f"""
        PERFORM tally.id FROM insight_dutytally AS tally JOIN ({changes}) AS change ON {SAME}
            ORDER BY tally.id FOR UPDATE OF tally;
        UPDATE insight_dutytally AS tally SET count = tally.count + change.n
            FROM ({changes}) AS change WHERE change.n < 0 AND {SAME};
        INSERT INTO insight_dutytally AS tally ({KEY}, count)
            SELECT {KEY}, n FROM ({changes}) AS change WHERE n > 0 ORDER BY {KEY}
            ON CONFLICT ({KEY}) DO UPDATE SET count = tally.count + EXCLUDED.count;
    """  # noqa: S608  # every part is a constant of this module


CREATE = f"""
CREATE FUNCTION insight_tally_duties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {steps(change(("new_rows", "1")))}
    ELSIF TG_OP = 'DELETE' THEN {steps(change(("old_rows", "-1")))}
    ELSE {steps(change(("new_rows", "1"), ("old_rows", "-1")))}
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER insight_tally_inserted AFTER INSERT ON campaigns_duty REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION insight_tally_duties();
CREATE TRIGGER insight_tally_updated AFTER UPDATE ON campaigns_duty
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION insight_tally_duties();
CREATE TRIGGER insight_tally_deleted AFTER DELETE ON campaigns_duty REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION insight_tally_duties();
INSERT INTO insight_dutytally ({KEY}, count) {change(("campaigns_duty", "1"))};
"""
DROP = """
DROP TRIGGER insight_tally_inserted ON campaigns_duty;
DROP TRIGGER insight_tally_updated ON campaigns_duty;
DROP TRIGGER insight_tally_deleted ON campaigns_duty;
DROP FUNCTION insight_tally_duties();
"""


class Migration(migrations.Migration):
    dependencies = [("insight", "0001_duty_tally"), ("campaigns", "0001_initial_tables")]

    operations = [migrations.RunSQL(CREATE, DROP)]
