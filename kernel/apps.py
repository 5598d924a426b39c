from django.apps import AppConfig
from django.core.checks import register


class KernelConfig(AppConfig):
    name = "kernel"
    verbose_name = "基础"

    def ready(self) -> None:
        from kernel.checks import has_chinese_font

        register(has_chinese_font)
