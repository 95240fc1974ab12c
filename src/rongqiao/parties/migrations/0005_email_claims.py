import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0004_awaited'),
    ]

    operations = [
        migrations.CreateModel(
            name='EmailClaim',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('address_sealed', models.BinaryField()),
                ('code_digest', models.BinaryField(max_length=32, null=True)),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('tries_left', models.PositiveSmallIntegerField()),
                ('proved_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-asked_at'], name='email_claim_of_user')],
            },
        ),
    ]
