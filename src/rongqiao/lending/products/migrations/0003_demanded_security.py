from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('products', '0002_floating_products'),
    ]

    operations = [
        migrations.AddField(
            model_name='productversion',
            name='security_kinds',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='productversion',
            name='security_coverage_min',
            field=models.DecimalField(db_default=0, decimal_places=4, default=0, max_digits=6),
        ),
        migrations.AddConstraint(
            model_name='productversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('security_coverage_min', 0), ('security_kinds', [])), models.Q(models.Q(('security_kinds', []), _negated=True), ('security_coverage_min__gt', 0)), _connector='OR'), name='product_demands_security_wholly'),
        ),
    ]
