# SPDX-License-Identifier: Apache-2.0
"""Draws what was measured as SVG, without anything but Python."""
import math

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 72, 24, 48, 56
COLOURS = ["#1f5fa8", "#b5523b", "#5b7f3b"]
STYLE = ("text{font:13px system-ui,sans-serif;fill:#333}.title{font-size:15px;font-weight:600}.small{font-size:11px;fill:#666}"
         ".grid{stroke:#ddd}.fit{stroke:#999;stroke-dasharray:3 4}")


class Axis:
    """A logarithmic axis between two powers of ten, or of two, drawn from `start` to `end`."""

    def __init__(self, low, high, start, end):
        self.low, self.high, self.start, self.end = math.log(low), math.log(high), start, end

    def at(self, value):
        return self.start + (math.log(value) - self.low) / (self.high - self.low) * (self.end - self.start)


def size_name(size):
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB"


def time_name(us):
    return f"{us:g} µs" if us < 1000 else f"{us / 1000:g} ms"


def fit(points):
    """Least squares of relative errors: a fixed cost and a cost a byte."""
    weights = [1 / (y * y) for _, y in points]
    total = sum(weights)
    mean_x = sum(w * x for w, (x, _) in zip(weights, points)) / total
    mean_y = sum(w * y for w, (_, y) in zip(weights, points)) / total
    slope = (sum(w * (x - mean_x) * (y - mean_y) for w, (x, y) in zip(weights, points)) /
             sum(w * (x - mean_x) ** 2 for w, (x, _) in zip(weights, points)))
    return mean_y - slope * mean_x, slope


def line(axis_x, axis_y, points, attributes):
    path = " ".join(f"{axis_x.at(x):.1f},{axis_y.at(y):.1f}" for x, y in points)
    return f'<polyline fill="none" {attributes} points="{path}"/>'


def series(axis_x, axis_y, number, name, points):
    fixed, slope = fit(points)
    sizes = [points[0][0] * (points[-1][0] / points[0][0]) ** (i / 60) for i in range(61)]
    model = [(x, fixed + slope * x) for x in sizes if fixed + slope * x > 0]
    out = [line(axis_x, axis_y, model, 'class="fit"'),
           line(axis_x, axis_y, points, f'stroke="{COLOURS[number]}" stroke-width="2"')]
    out += [f'<circle cx="{axis_x.at(x):.1f}" cy="{axis_y.at(y):.1f}" r="3.5" fill="{COLOURS[number]}"/>' for x, y in points]
    y = TOP + 18 + 20 * number
    out.append(f'<rect x="{LEFT + 14}" y="{y - 9}" width="12" height="4" fill="{COLOURS[number]}"/>')
    out.append(f'<text x="{LEFT + 34}" y="{y}">{name}: {fixed:.0f} µs and {slope * 1024:.2f} µs a KiB</text>')
    return out


def cost_by_size(lines, machine):
    """`lines`: {name: [(bytes, microseconds)]}.  Both axes are logarithmic; dashed, the straight line fitted."""
    xs = [x for points in lines.values() for x, _ in points]
    ys = [y for points in lines.values() for _, y in points]
    axis_x = Axis(min(xs) / 1.3, max(xs) * 1.3, LEFT, WIDTH - RIGHT)
    decades = range(math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys))) + 1)
    axis_y = Axis(10.0 ** decades[0], 10.0 ** decades[-1], HEIGHT - BOTTOM, TOP)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">',
           f"<style>{STYLE}</style>", '<rect width="100%" height="100%" fill="#fff"/>',
           f'<text class="title" x="{LEFT}" y="26">CPU a request by size of the AdmissionReview</text>']
    for decade in decades:
        y = axis_y.at(10.0 ** decade)
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{time_name(10 ** decade)}</text>')
    for power in range(10, 24, 2):
        size = 1 << power
        x = axis_x.at(size)
        out.append(f'<line class="grid" y1="{TOP}" y2="{HEIGHT - BOTTOM}" x1="{x:.1f}" x2="{x:.1f}"/>')
        out.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size_name(size)}</text>')
    for number, (name, points) in enumerate(lines.items()):
        out += series(axis_x, axis_y, number, name, points)
    out.append(f'<text class="small" x="{LEFT}" y="{HEIGHT - 12}">TLS, keep-alive. Dashed: a fixed cost and a cost a byte. {machine}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"
