"""Departments and the caller, as the API shows them."""

from rest_framework import serializers

from accounts.models import Department


class DepartmentRow(serializers.ModelSerializer):
    class Meta:
        model = Department
        fields = ["code", "name", "former_name", "affiliation", "is_active"]


class RoleRow(serializers.Serializer):
    code = serializers.CharField(source="role")
    name = serializers.CharField(source="role.label")
    title = serializers.CharField(help_text="任职，如“仲村镇网格长”")


class Me(serializers.Serializer):
    username = serializers.CharField(allow_null=True, source="user.username")
    name = serializers.CharField()
    posts = RoleRow(many=True, source="holdings")
    permissions = serializers.SerializerMethodField()

    def get_permissions(self, scope) -> list[str]:
        """What the caller may do somewhere, in the order of the alphabet."""
        return sorted({permission for holding in scope.holdings for permission in holding.permissions})
