from compliance.models import User
from django.contrib.auth.models import Group
u=User.objects.create_user("second","second@example.com","hW7-second-pw-99x"); u.is_staff=True; u.save(); u.groups.add(Group.objects.get(name="editor"))
print("MADE",u.pk)
