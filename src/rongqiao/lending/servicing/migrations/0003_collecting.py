"""Cases of overdue loans: contacts, complaints, promises, proposals, what was recovered."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('servicing', '0002_storage'),
    ]

    operations = [
        migrations.CreateModel(
            name='CollectionCase',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=24, unique=True)),
                ('party_id', models.UUIDField(db_index=True)),
                ('state', models.CharField(default='open', max_length=16)),
                ('collector_id', models.UUIDField(null=True)),
                ('opened_at', models.DateTimeField()),
                ('opened_on', models.DateField()),
                ('oldest_due_on', models.DateField()),
                ('next_on', models.DateField()),
                ('promise_due_on', models.DateField(null=True)),
                ('recovered_minor', models.BigIntegerField(default=0)),
                ('handed_to', models.CharField(default='', max_length=80)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_on', models.DateField(null=True)),
                ('closed_by_state', models.CharField(default='', max_length=16)),
                ('loan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='collection_cases', to='servicing.loan')),
            ],
            options={
                'db_table_comment': 'rights: select, insert, update',
            },
        ),
        migrations.CreateModel(
            name='CaseProposal',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=24, unique=True)),
                ('kind', models.CharField(max_length=16)),
                ('firm', models.CharField(default='', max_length=80)),
                ('owed_minor', models.BigIntegerField(default=0)),
                ('pays_minor', models.BigIntegerField(default=0)),
                ('pay_by', models.DateField(null=True)),
                ('recovered_before_minor', models.BigIntegerField(default=0)),
                ('reason_sealed', models.BinaryField()),
                ('state', models.CharField(max_length=16)),
                ('proposed_by', models.UUIDField()),
                ('proposed_at', models.DateTimeField()),
                ('decided_by', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='servicing.collectioncase')),
            ],
            options={
                'db_table_comment': 'rights: select, insert, update(state, decided_by, decided_at)',
            },
        ),
        migrations.CreateModel(
            name='CollectionContact',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('party_id', models.UUIDField()),
                ('collector_id', models.UUIDField()),
                ('channel', models.CharField(max_length=16)),
                ('bucket', models.CharField(max_length=8)),
                ('began_at', models.DateTimeField()),
                ('local_on', models.DateField()),
                ('on', models.DateField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(default='', max_length=16)),
                ('note_sealed', models.BinaryField(null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='servicing.collectioncase')),
            ],
            options={
                'db_table_comment': 'rights: select, insert, update(ended_at, outcome, note_sealed)',
            },
        ),
        migrations.CreateModel(
            name='CollectionRecovery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('collector_id', models.UUIDField(null=True)),
                ('bucket', models.CharField(max_length=8)),
                ('on', models.DateField()),
                ('amount_minor', models.BigIntegerField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recoveries', to='servicing.collectioncase')),
            ],
            options={
                'db_table_comment': 'rights: select, insert',
            },
        ),
        migrations.CreateModel(
            name='ContactStop',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('party_id', models.UUIDField()),
                ('since_at', models.DateTimeField()),
                ('noted_by', models.UUIDField()),
                ('words_sealed', models.BinaryField()),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lifted_by', models.UUIDField(null=True)),
                ('lift_words_sealed', models.BinaryField(null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stops', to='servicing.collectioncase')),
            ],
            options={
                'db_table_comment': 'rights: select, insert, update(lifted_at, lifted_by, lift_words_sealed)',
            },
        ),
        migrations.CreateModel(
            name='PaymentPromise',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('collector_id', models.UUIDField()),
                ('bucket', models.CharField(max_length=8)),
                ('amount_minor', models.BigIntegerField()),
                ('made_on', models.DateField()),
                ('due_on', models.DateField()),
                ('recovered_before_minor', models.BigIntegerField()),
                ('state', models.CharField(default='open', max_length=8)),
                ('decided_on', models.DateField(null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promises', to='servicing.collectioncase')),
                ('contact', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='promise', to='servicing.collectioncontact')),
            ],
            options={
                'db_table_comment': 'rights: select, insert, update(state, decided_on)',
            },
        ),
        migrations.AddIndex(
            model_name='collectioncase',
            index=models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['next_on', 'id'], name='case_by_next_step'),
        ),
        migrations.AddIndex(
            model_name='collectioncase',
            index=models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['collector_id', 'next_on', 'id'], name='case_by_collector'),
        ),
        migrations.AddIndex(
            model_name='collectioncase',
            index=models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['oldest_due_on', 'id'], name='case_by_age'),
        ),
        migrations.AddIndex(
            model_name='collectioncase',
            index=models.Index(condition=models.Q(('promise_due_on__isnull', False)), fields=['promise_due_on', 'id'], name='case_by_promise'),
        ),
        migrations.AddConstraint(
            model_name='collectioncase',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('open', 'assigned', 'handed-over', 'closed'))), name='case_state_known'),
        ),
        migrations.AddConstraint(
            model_name='collectioncase',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'closed'), _negated=True), fields=('loan',), name='case_one_open_per_loan'),
        ),
        migrations.AddConstraint(
            model_name='collectioncase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('closed_on__isnull', False), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at', None), ('closed_on', None)), _connector='OR'), name='case_closed_when_closed'),
        ),
        migrations.AddConstraint(
            model_name='collectioncase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'assigned'), _negated=True), ('collector_id__isnull', False), _connector='OR'), name='case_assigned_to_somebody'),
        ),
        migrations.AddIndex(
            model_name='caseproposal',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['proposed_at'], name='proposal_waiting'),
        ),
        migrations.AddConstraint(
            model_name='caseproposal',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('agent', 'law-firm', 'settlement'))), name='proposal_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='caseproposal',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'approved', 'declined', 'withdrawn', 'expired', 'met'))), name='proposal_state_known'),
        ),
        migrations.AddConstraint(
            model_name='caseproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'settlement'), _negated=True), models.Q(('pay_by__isnull', False), ('pays_minor__gt', 0), ('pays_minor__lt', models.F('owed_minor'))), _connector='OR'), name='proposal_settles_for_less'),
        ),
        migrations.AddConstraint(
            model_name='caseproposal',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting'), models.Q(('kind', 'settlement'), ('state', 'approved')), _connector='OR'), fields=('case',), name='proposal_one_standing'),
        ),
        migrations.AddIndex(
            model_name='collectioncontact',
            index=models.Index(fields=['party_id', 'local_on'], name='contact_by_debtor_and_day'),
        ),
        migrations.AddIndex(
            model_name='collectioncontact',
            index=models.Index(fields=['case', '-began_at'], name='contact_by_case'),
        ),
        migrations.AddIndex(
            model_name='collectioncontact',
            index=models.Index(fields=['on'], name='contact_by_day'),
        ),
        migrations.AddConstraint(
            model_name='collectioncontact',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ('call', 'sms', 'visit', 'letter'))), name='contact_channel_known'),
        ),
        migrations.AddConstraint(
            model_name='collectioncontact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('outcome', '')), models.Q(('ended_at__isnull', False), ('outcome__in', ('promised', 'asks-time', 'refuses', 'disputes', 'no-answer', 'wrong-number', 'somebody-else', 'sent'))), _connector='OR'), name='contact_ends_with_an_outcome'),
        ),
        migrations.AddConstraint(
            model_name='collectioncontact',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('case',), name='contact_one_under_way'),
        ),
        migrations.AddIndex(
            model_name='collectionrecovery',
            index=models.Index(fields=['on'], name='recovery_by_day'),
        ),
        migrations.AddIndex(
            model_name='collectionrecovery',
            index=models.Index(fields=['case'], name='recovery_by_case'),
        ),
        migrations.AddConstraint(
            model_name='collectionrecovery',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='recovery_of_something'),
        ),
        migrations.AddConstraint(
            model_name='contactstop',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('party_id',), name='contact_stop_one_standing'),
        ),
        migrations.AddConstraint(
            model_name='contactstop',
            constraint=models.CheckConstraint(condition=models.Q(('lifted_by', None), models.Q(('lifted_by', models.F('noted_by')), _negated=True), _connector='OR'), name='contact_stop_lifted_by_another'),
        ),
        migrations.AddIndex(
            model_name='paymentpromise',
            index=models.Index(fields=['made_on'], name='promise_by_day'),
        ),
        migrations.AddConstraint(
            model_name='paymentpromise',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='promise_of_something'),
        ),
        migrations.AddConstraint(
            model_name='paymentpromise',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_on', None), ('state', 'open')), models.Q(('decided_on__isnull', False), ('state__in', ('kept', 'broken'))), _connector='OR'), name='promise_decided_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='paymentpromise',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('made_on'))), name='promise_not_of_the_past'),
        ),
        migrations.AddConstraint(
            model_name='paymentpromise',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('case',), name='promise_one_open_per_case'),
        ),
    ]
