"""Records and seals are append-only for everybody but a superuser who drops the trigger first."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION platform_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'RQ001';
END $$;

CREATE FUNCTION platform_answer_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.result IS NOT NULL OR (NEW.id, NEW.name, NEW.key, NEW.actor, NEW.happened_at,
      NEW.business_date, NEW.request, NEW.request_hash) IS DISTINCT FROM (OLD.id, OLD.name,
      OLD.key, OLD.actor, OLD.happened_at, OLD.business_date, OLD.request, OLD.request_hash) THEN
    RAISE EXCEPTION 'an operation on record does not change' USING ERRCODE = 'RQ001';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER answer_once BEFORE UPDATE ON platform_operationrecord
  FOR EACH ROW EXECUTE FUNCTION platform_answer_once();
CREATE TRIGGER no_delete BEFORE DELETE ON platform_operationrecord
  FOR EACH ROW EXECUTE FUNCTION platform_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON platform_operationrecord
  FOR EACH STATEMENT EXECUTE FUNCTION platform_refuse_change();
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON platform_seal
  FOR EACH ROW EXECUTE FUNCTION platform_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON platform_seal
  FOR EACH STATEMENT EXECUTE FUNCTION platform_refuse_change();
"""

BACKWARD = """
DROP TRIGGER answer_once ON platform_operationrecord;
DROP TRIGGER no_delete ON platform_operationrecord;
DROP TRIGGER no_truncate ON platform_operationrecord;
DROP TRIGGER no_change ON platform_seal;
DROP TRIGGER no_truncate ON platform_seal;
DROP FUNCTION platform_answer_once();
DROP FUNCTION platform_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("platform", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
