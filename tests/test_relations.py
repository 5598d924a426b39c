"""Relations between apps point only downward, and those that cross a floor leave no trace below."""

from django.apps import apps
from django.db.models import ForeignObject, ManyToManyField

FLOORS = ["kernel", "accounts", "grids", "cases", "inspections", "pingyi_grid"]


def _own_relations():
    for model in apps.get_models():
        if model._meta.app_label not in FLOORS:
            continue
        for field in model._meta.get_fields():
            if isinstance(field, ForeignObject | ManyToManyField) and field.related_model:
                yield model, field


def _floor(model) -> int:
    return FLOORS.index(model._meta.app_label)


def _crossing():
    for model, field in _own_relations():
        target = field.related_model
        if target._meta.app_label in FLOORS and target._meta.app_label != model._meta.app_label:
            yield model, field, target


def test_every_relation_points_to_a_lower_floor():
    upward = [
        f"{model.__name__}.{field.name}" for model, field, target in _crossing() if _floor(target) > _floor(model)
    ]
    assert upward == []


def test_a_relation_that_crosses_a_floor_cannot_be_followed_back():
    visible = [f"{model.__name__}.{field.name}" for model, field, _ in _crossing() if not field.remote_field.hidden]
    assert visible == []


def test_there_are_relations_to_check():
    assert len(list(_crossing())) > 20
