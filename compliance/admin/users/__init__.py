"""The screens of the people who sign in: invitations, roles, second factors, and their history."""

from compliance.admin.users.admin import RegistryUserAdmin

__all__ = ["RegistryUserAdmin"]
