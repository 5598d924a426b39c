"""Names, telephone numbers and sites that nobody can take for real ones."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_FIRST = "建文志明国永成春秀玉海晓立庆长德广兆维金光新传继兴红凤桂淑爱"
_SECOND = "军华平强伟杰峰林波勇刚斌民生福才芳英兰霞梅萍云燕玲娟敏静丽国"

MARK = "演示·"


def person_names(draw: Random) -> Iterator[str]:
    """Names without end, each once, in an order that depends on `draw` alone."""
    names = [surname + first + second for surname in _SURNAMES for first in _FIRST for second in _SECOND]
    draw.shuffle(names)
    return (MARK + name for name in names)


def telephone(number: int) -> str:
    """A number that no exchange in the country can give out."""
    return f"000-{number // 10000:04d}-{number % 10000:04d}"
