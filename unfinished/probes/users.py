from compliance.models import User
print([(u.username,u.email,u.is_superuser,[g.name for g in u.groups.all()]) for u in User.objects.all()])
