"""What the API takes and gives for cases. Input and output are different serializers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.choices import Origin, Severity, State
from cases.services.filing import LONGEST_DESCRIPTION, LONGEST_TITLE
from kernel.rest import LocationField, MomentField, PlainTextField


class PhotoAnnouncement(serializers.Serializer):
    """A photo that will follow: its number on the phone and the SHA-256 of its bytes."""

    client_id = serializers.UUIDField()
    sha256 = serializers.RegexField(r"^[0-9a-fA-F]{64}$", error_messages={"invalid": "sha256 应为 64 位十六进制"})
    taken_at = MomentField(required=False, allow_null=True)


class MatterInput(serializers.Serializer):
    """A matter to report, as in the contract of `POST cases/`."""

    client_id = serializers.UUIDField(required=False, allow_null=True)
    grid = PlainTextField(max_length=20, required=False, allow_blank=True, help_text="网格编码；有坐标时可不填")
    category = PlainTextField(max_length=10)
    severity = serializers.ChoiceField(choices=Severity.choices, default=Severity.ORDINARY)
    origin = serializers.ChoiceField(choices=Origin.choices, default=Origin.REPORT)
    title = PlainTextField(max_length=LONGEST_TITLE, required=False, allow_blank=True)
    description = PlainTextField(max_length=LONGEST_DESCRIPTION, required=False, allow_blank=True)
    place = PlainTextField(max_length=120, required=False, allow_blank=True)
    location = LocationField(required=False, allow_null=True)
    source = PlainTextField(max_length=20, required=False, allow_null=True, allow_blank=True)
    no_photo_reason = PlainTextField(max_length=120, required=False, allow_blank=True)
    photos = PhotoAnnouncement(many=True, required=False, max_length=9)


class Named(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class HolderOutput(serializers.Serializer):
    kind = serializers.CharField(help_text="grid 或 department")
    code = serializers.CharField()
    name = serializers.CharField()


class FlagsOutput(serializers.Serializer):
    overdue = serializers.BooleanField()
    yellow = serializers.BooleanField()
    red = serializers.BooleanField()
    urged = serializers.BooleanField()
    supervised = serializers.BooleanField()
    listed = serializers.BooleanField()
    rebound = serializers.BooleanField()


class TimeLeftOutput(serializers.Serializer):
    seconds = serializers.IntegerField(help_text="按该环节的时钟计算；超期为负")
    overdue = serializers.BooleanField()
    text = serializers.CharField()


class CaseRow(serializers.Serializer):
    """A case in a list."""

    number = serializers.CharField()
    title = serializers.CharField()
    category = Named()
    line = serializers.CharField()
    severity = serializers.ChoiceField(choices=Severity.choices)
    origin = serializers.ChoiceField(choices=Origin.choices)
    state = serializers.ChoiceField(choices=State.choices)
    state_label = serializers.CharField(source="get_state_display")
    grid = Named()
    holder = serializers.SerializerMethodField()
    reported_at = MomentField(allow_null=True)
    due_at = MomentField(allow_null=True)
    flags = serializers.SerializerMethodField()

    @extend_schema_field(HolderOutput(allow_null=True))
    def get_holder(self, case: Any) -> dict[str, str] | None:
        if case.holder is None:
            return None
        kind = "grid" if case.holder_grid_id else "department"
        return {"kind": kind, "code": case.holder.code, "name": case.holder.name}

    @extend_schema_field(FlagsOutput)
    def get_flags(self, case: Any) -> dict[str, bool]:
        return {
            "overdue": case.is_overdue,
            "yellow": case.card == "yellow",
            "red": case.card == "red",
            "urged": case.is_urged,
            "supervised": case.is_supervised,
            "listed": case.is_listed,
            "rebound": case.is_rebound,
        }


class FieldOutput(serializers.Serializer):
    """One field that an action takes."""

    name = serializers.CharField()
    label = serializers.CharField()
    kind = serializers.CharField()
    required = serializers.BooleanField()
    help = serializers.CharField(allow_blank=True)
    options = Named(many=True)


class ActionOutput(serializers.Serializer):
    action = serializers.CharField()
    label = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field]:
        """`fields` cannot be declared as an attribute: a serializer's own property has that name."""
        return {**super().get_fields(), "fields": FieldOutput(many=True)}


class BlockedActionOutput(serializers.Serializer):
    action = serializers.CharField()
    label = serializers.CharField()
    reason = serializers.CharField()


class PartOutput(serializers.Serializer):
    role = serializers.CharField()
    unit = serializers.CharField(source="unit.name")
    state = serializers.CharField()
    due_at = MomentField()
    signed_at = MomentField(allow_null=True)
    submitted_at = MomentField(allow_null=True)
    feedback = serializers.CharField(allow_blank=True)


class CaseDetail(CaseRow):
    """A case whole: what it is, where it stands, and what this caller may do."""

    description = serializers.CharField(allow_blank=True)
    place = serializers.CharField(allow_blank=True)
    location = serializers.SerializerMethodField()
    reporter = serializers.SerializerMethodField()
    time_left = serializers.SerializerMethodField()
    version = serializers.IntegerField()
    parts = serializers.SerializerMethodField()
    missing_photos = serializers.SerializerMethodField()
    allowed_actions = serializers.SerializerMethodField()
    blocked_actions = serializers.SerializerMethodField()

    def get_location(self, case: Any) -> dict[str, Any] | None:
        if case.lon is None:
            return None
        return {"lon": case.lon, "lat": case.lat, "coord_sys": "wgs84", "located_by": case.located_by}

    def get_reporter(self, case: Any) -> str | None:
        return None if self.context["scope"].is_masked or case.reporter is None else case.reporter.name

    @extend_schema_field(TimeLeftOutput(allow_null=True))
    def get_time_left(self, case: Any) -> dict[str, Any] | None:
        left = self.context["time_left"]
        return TimeLeftOutput(left).data if left else None

    @extend_schema_field(PartOutput(many=True))
    def get_parts(self, case: Any) -> list[dict[str, Any]]:
        return PartOutput(self.context["parts"], many=True).data

    def get_missing_photos(self, case: Any) -> list[str]:
        return self.context["missing_photos"]

    @extend_schema_field(ActionOutput(many=True))
    def get_allowed_actions(self, case: Any) -> list[dict[str, Any]]:
        return self.context["allowed_actions"]

    @extend_schema_field(BlockedActionOutput(many=True))
    def get_blocked_actions(self, case: Any) -> list[dict[str, Any]]:
        return self.context["blocked_actions"]


class StepOutput(serializers.Serializer):
    at = MomentField()
    by = serializers.SerializerMethodField()
    title = serializers.CharField(source="by_title")
    code = serializers.CharField()
    action = serializers.CharField()
    label = serializers.CharField()
    from_state = serializers.CharField()
    to_state = serializers.CharField()
    from_holder = serializers.CharField()
    to_holder = serializers.CharField()
    opinion = serializers.CharField()
    facts = serializers.JSONField()
    automatic = serializers.BooleanField(source="is_automatic")

    def get_by(self, step: Any) -> str:
        return "" if self.context["scope"].is_masked and not step.is_automatic else step.by_name


class IntervalOutput(serializers.Serializer):
    start = MomentField()
    end = MomentField()
    counted = serializers.BooleanField()
    reason = serializers.CharField()


class ClockOutput(serializers.Serializer):
    """One deadline: the rule behind it and the time counted and skipped."""

    stage = serializers.CharField(source="clock.stage")
    stage_label = serializers.CharField(source="clock.get_stage_display")
    holder = serializers.CharField(source="clock.holder.name")
    amount = serializers.IntegerField(source="clock.amount")
    unit = serializers.CharField(source="clock.unit")
    source = serializers.CharField(source="clock.source")
    started_at = MomentField(source="clock.started_at")
    due_at = MomentField(source="clock.due_at")
    stopped_at = MomentField(source="clock.stopped_at", allow_null=True)
    outcome = serializers.CharField(source="clock.outcome")
    calendar_version = serializers.IntegerField(source="explanation.calendar_version")
    intervals = IntervalOutput(source="explanation.intervals", many=True)
    note = serializers.CharField()
