"""Photos: what may come in, what is kept privately, what is shown."""

from kernel.images.intake import accept_photo

__all__ = ["accept_photo"]
