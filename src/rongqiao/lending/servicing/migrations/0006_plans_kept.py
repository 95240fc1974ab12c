"""Terms that a new plan needs, taken from the products; rows that were charged stay for good."""

from django.db import migrations

FORWARD = [
    "UPDATE servicing_loan AS loan SET day_count = product.day_count, "
    "prepayment = product.prepayment FROM products_productversion AS product "
    "WHERE product.product_id = loan.product_code AND product.number = loan.product_version",
    "CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON servicing_formerplan "
    "FOR EACH ROW EXECUTE FUNCTION platform_refuse_change()",
    "CREATE TRIGGER no_delete BEFORE DELETE ON servicing_instalment FOR EACH ROW "
    "WHEN (OLD.is_due OR OLD.settled_on IS NOT NULL OR OLD.interest_charged_minor > 0 "
    "OR OLD.fee_charged_minor > 0 OR OLD.penalty_micro > 0 OR OLD.principal_paid_minor > 0) "
    "EXECUTE FUNCTION platform_refuse_change()",
]
BACKWARD = [
    "DROP TRIGGER no_delete ON servicing_instalment",
    "DROP TRIGGER no_change ON servicing_formerplan",
]


class Migration(migrations.Migration):
    dependencies = [
        ("servicing", "0005_prepayment_in_part"),
        ("products", "0001_initial"),
        ("platform", "0002_append_only"),
    ]
    operations = [migrations.RunSQL(";\n".join(FORWARD), ";\n".join(BACKWARD))]
