"""Pictures: stacked bars and lines as inline SVG, the heat matrix as a table.

Only shapes are SVG, stretched to whatever width there is; words and numbers are HTML beside them, so that they stay legible
on a phone and can be read aloud. Colours are classes of the style sheet, which knows light, dark and paper.
"""

from collections.abc import Sequence

from forbear.operations.report_words import Words, plain, say

ROUND_STEPS = (10, 12, 14, 16, 20, 24, 30, 40, 50, 60, 80, 100)
"""Tenths at which a scale may end, so that its quarters are round too."""
WIDE = 1000
HIGH = 100


def bar(parts: Sequence[tuple[str, int]], whole: int, told: str) -> str:
    """One bar of stacked parts (class, size) on the scale of `whole`."""
    drawn, x = [], 0.0
    for name, size in parts:
        width = WIDE * size / whole if whole else 0
        if width > 0:
            drawn.append(f'<rect class="{name}" x="{x:.2f}" y="0" width="{width:.2f}" height="10"/>')
            x += width
    return (
        f'<svg class="bar" viewBox="0 0 {WIDE} 10" preserveAspectRatio="none" role="img" aria-label="{told}">'
        f"{''.join(drawn)}</svg>"
    )


def columns(series: Sequence[int], name: str, told: Words) -> str:
    """A thin column for each day."""
    top = max(series, default=0) or 1
    step = WIDE / max(len(series), 1)
    drawn = "".join(
        f'<rect class="{name}" x="{place * step:.2f}" y="{HIGH - HIGH * value / top:.2f}" '
        f'width="{step * 3 / 4:.2f}" height="{HIGH * value / top:.2f}"/>'
        for place, value in enumerate(series)
    )
    return _plot(drawn, told)


def areas(stacks: Sequence[tuple[str, Sequence[int]]], top: int, told: Words) -> str:
    """Series on top of one another: (class, values), all of one length."""
    count = len(stacks[0][1]) if stacks else 0
    floor = [0] * count
    drawn = []
    for name, values in stacks:
        ceiling = [low + value for low, value in zip(floor, values, strict=True)]
        there, back = _points(ceiling, top), _points(floor, top)[::-1]
        drawn.append(f'<polygon class="{name}" points="{" ".join(there + back)}"/>')
        floor = ceiling
    return _plot(_grid() + "".join(drawn), told)


def lines(series: Sequence[tuple[str, Sequence[int]]], top: int, told: Words) -> str:
    """A line for each series: (class, values)."""
    drawn = "".join(
        f'<polyline class="line {name}" points="{" ".join(_points(values, top))}"/>'
        for name, values in series
    )
    return _plot(_grid() + drawn, told)


def _points(values: Sequence[int], top: int) -> list[str]:
    step = WIDE / max(len(values) - 1, 1)
    return [
        f"{place * step:.1f},{HIGH - HIGH * value / (top or 1):.2f}" for place, value in enumerate(values)
    ]


def _grid() -> str:
    return "".join(f'<path class="grid" d="M0 {HIGH * place // 4}H{WIDE}"/>' for place in range(5))


def _plot(drawn: str, told: Words) -> str:
    return (
        f'<svg class="plot" viewBox="0 0 {WIDE} {HIGH}" preserveAspectRatio="none" role="img" '
        f'aria-label="{plain(told)}">{drawn}</svg>'
    )


def framed(plot: str, scale: Sequence[str], dates: Sequence[str]) -> str:
    """A plot with its scale on the left, from the top down, and dates below."""
    left = "".join(f"<span>{text}</span>" for text in scale)
    below = "".join(f"<span>{text}</span>" for text in dates)
    return f'<div class="frame"><div class="scale" aria-hidden="true">{left}</div>{plot}<div class="dates">{below}</div></div>'


def legend(items: Sequence[tuple[str, Words]]) -> str:
    """What each colour means."""
    marks = "".join(
        f'<li><svg class="mark" viewBox="0 0 10 10" aria-hidden="true"><rect class="{name}" width="10" height="10"/></svg>'
        f"{say(words)}</li>"
        for name, words in items
    )
    return f'<ul class="legend">{marks}</ul>'


def heat_level(value: int, top: int) -> int:
    """0 for nothing, then 1 to 6 by the square root of the share, so that small flows can be told from none."""
    if value <= 0 or top <= 0:
        return 0
    return 1 + min(5, int(6 * (value / top) ** 0.5))


def round_top(value: int) -> int:
    """The end of a scale: the least round step times a power of ten that `value` does not pass."""
    if value <= 0:
        return 1
    power = 10 ** (len(str(value)) - 1)
    return next(step * power // 10 for step in ROUND_STEPS if step * power // 10 >= value)
