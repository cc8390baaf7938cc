import django.db.models.functions.text
from django.db import migrations, models


def tell_apart(apps, schema_editor):
    """Names that differ in capitals alone: whoever has been here longest keeps theirs, the others get a number."""
    User = apps.get_model("accounts", "User")
    people = list(User.objects.order_by("pk").values_list("pk", "username"))
    known = {username.lower() for _pk, username in people}
    kept = set()
    for pk, username in people:
        if username.lower() not in kept:
            kept.add(username.lower())
            continue
        number = 2
        while (name := f"{username[:140]}{number}").lower() in known:
            number += 1
        known.add(name.lower())
        User.objects.filter(pk=pk).update(username=name)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0026_record_names"),
    ]

    operations = [
        migrations.RunPython(tell_apart, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("username"),
                name="one_member_of_a_name",
                violation_error_message="Somebody has this username already. Choose another.",
            ),
        ),
    ]
