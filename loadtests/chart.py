"""A chart of what servers do, as SVG by hand: bars of requests a second and of CPU time a request."""

from collections.abc import Callable, Mapping
from html import escape

from loadtests.rounds import Round

WIDTH, LEFT, BAR, GAP, TOP = 860, 170, 24, 10, 64
COLOUR, OURS = "#8aa4b8", "#1d6f42"


def draw_chart(medians: Mapping[str, Round], about: str) -> str:
    """Two groups of bars, a bar a server; `about` says how it was measured."""
    groups: list[tuple[str, Callable[[Round], float], str]] = [
        ("requests a second (more is better)", lambda each: each.requests_per_second, "{:,.0f}/s"),
        ("server CPU a request, µs (less is better)", lambda each: each.cpu_us_per_request, "{:.0f} µs"),
    ]
    height = TOP + len(groups) * (len(medians) * (BAR + GAP) + 56)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="14">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        '<text x="16" y="26" font-size="17" font-weight="bold">Single postbacks, one server process each</text>',
        f'<text x="16" y="46" font-size="11" fill="#555">{escape(about)}</text>',
    ]
    y = TOP
    for title, figure, spelt in groups:
        parts.append(f'<text x="16" y="{y + 20}" font-weight="bold">{escape(title)}</text>')
        y += 34
        most = max(figure(median) for median in medians.values())
        for name, median in medians.items():
            parts += _draw_bar(name, figure(median) / most, spelt.format(figure(median)), y)
            y += BAR + GAP
        y += 22
    return "\n".join([*parts, "</svg>\n"])


def _draw_bar(name: str, share: float, figure: str, y: int) -> list[str]:
    width = max(share * (WIDTH - LEFT - 110), 1)
    middle = y + BAR - 7
    return [
        f'<text x="{LEFT - 10}" y="{middle}" text-anchor="end">{escape(name)}</text>',
        f'<rect x="{LEFT}" y="{y}" width="{width:.0f}" height="{BAR}" fill="{OURS if name == "ingest" else COLOUR}"/>',
        f'<text x="{LEFT + width + 8:.0f}" y="{middle}">{figure}</text>',
    ]
