"""What the API takes and gives for patrols. Input and output are different serializers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.choices import WorkLine
from cases.serializers import MatterInput, Named
from inspections.models import LONGEST_NOTE
from inspections.services import MOST_MATTERS
from kernel.rest import LocationField, MomentField, PlainTextField

# Parts of a patrol that the program cannot keep yet: refused with a sentence, so that nothing is lost in silence.
_NOT_KEPT = {
    "photos": "巡查记录暂不接收照片，请把照片随 matters 中的问题上报",
    "answers": "巡查表格尚未启用，请把情况写在 note 中",
}


class PatrolInput(serializers.Serializer):
    """A round as the phone has it."""

    client_id = serializers.UUIDField()
    grid = PlainTextField(max_length=20, required=False, allow_blank=True, help_text="网格编码；有污染源或坐标时可不填")
    source = PlainTextField(max_length=20, required=False, allow_blank=True, allow_null=True)
    task = serializers.IntegerField(required=False, allow_null=True, help_text="巡查任务尚未启用，只能为空")
    line = serializers.ChoiceField(choices=WorkLine.choices, default=WorkLine.ENV)
    started_at = MomentField()
    ended_at = MomentField()
    location = LocationField(required=False, allow_null=True)
    note = PlainTextField(max_length=LONGEST_NOTE, required=False, allow_blank=True)
    matters = MatterInput(many=True, required=False, max_length=MOST_MATTERS)

    def validate_task(self, task: int | None) -> None:
        if task is not None:
            raise serializers.ValidationError("没有这个巡查任务：巡查任务尚未启用，请留空")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        errors = {name: sentence for name, sentence in _NOT_KEPT.items() if self.initial_data.get(name)}
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class PatrolOutput(serializers.Serializer):
    """A round as it is stored."""

    client_id = serializers.UUIDField()
    grid = Named()
    source = Named(allow_null=True)
    task = serializers.SerializerMethodField()
    line = serializers.ChoiceField(choices=WorkLine.choices)
    member = serializers.SerializerMethodField()
    started_at = MomentField()
    ended_at = MomentField()
    received_at = MomentField()
    location = serializers.SerializerMethodField()
    note = serializers.CharField(allow_blank=True)
    cases = serializers.SerializerMethodField()

    def get_cases(self, patrol: Any) -> list[str]:
        return [case.number for case in patrol.cases.all()]

    def get_task(self, patrol: Any) -> int | None:
        return None

    def get_member(self, patrol: Any) -> str | None:
        return None if self.context["scope"].is_masked else patrol.member.name

    def get_location(self, patrol: Any) -> dict[str, Any] | None:
        return None if patrol.lon is None else {"lon": patrol.lon, "lat": patrol.lat, "coord_sys": "wgs84"}
