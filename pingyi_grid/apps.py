from django.apps import AppConfig


class PingyiGridConfig(AppConfig):
    name = "pingyi_grid"
    verbose_name = "平邑网格"
