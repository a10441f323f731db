# SPDX-License-Identifier: GPL-2.0-or-later
"""Where unicast landed over time, of all styles of a result on one axis, as shapes of an SVG. Pure. Lengths are its user
units."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Sequence, Tuple

from .result import Step, Style, Transition
from .subject import duration_words, step_of

WIDTH, LEFT, RIGHT = 960.0, 70.0, 80.0  # the last label leans over what is right
TITLE, LABELS, LANE, LANE_GAP = 20.0, 98.0, 26.0, 7.0
LANES = ("PF", "VF", "nobody")
CLASSES = ("pf", "vf", "lost")
GAP_ROW, BLOCK_GAP, AXIS = 26.0, 16.0, 34.0
LABEL_APART, GAP_APART = 22.0, 50.0  # from one label to the next
TICKS = 11


class Text(NamedTuple):
    text: str
    x: float
    y: float
    anchor: str = "start"
    slanted: bool = False
    kind: str = ""  # a class


class Bar(NamedTuple):
    kind: str
    x: float
    y: float
    width: float
    height: float
    title: str = ""


class Line(NamedTuple):
    kind: str
    path: str


class Drawing(NamedTuple):
    width: float
    height: float
    bars: List[Bar]
    lines: List[Line]
    texts: List[Text]


class Ladder(NamedTuple):
    """The steps of a style that take time, and when: milliseconds since its first."""
    style: Style
    steps: List[Tuple[Step, int, int]]
    length: int


def end_of(step: Step) -> int:
    return step.start_ms + step.duration_ms


def window_of(step: Step) -> Tuple[int, int]:
    return end_of(step) - min(step.window_ms, step.duration_ms), end_of(step)


def ladder_of(style: Style) -> Optional[Ladder]:
    """A step that was skipped is placed where the one before it ended."""
    made = [step for step in style.steps if step.status == "done"]
    if not made:
        return None
    begin, end = min(step.start_ms for step in made), max(map(end_of, made))
    steps, last = [], begin
    for step in style.steps:
        first = step.start_ms if step.duration_ms else last
        last = end_of(step) if step.duration_ms else last
        steps.append((step, first - begin, last - begin))
    return Ladder(style, steps, end - begin) if end > begin else None


def tick_of(length: int) -> int:
    """1, 2, 5, 10, 20 .. seconds"""
    tick, i = 1000, 0
    while tick * TICKS < length:
        tick = tick // 2 * 5 if i % 3 == 1 else tick * 2
        i += 1
    return tick


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> List[float]:
    """Moves the labels of a row so that they do not overlap."""
    found = []
    for x in wanted:
        low = max(low, x)
        found.append(low)
        low += apart
    for i in reversed(range(len(found))):
        if found[i] <= high:
            break
        found[i] = high
        high -= apart
    return found


class Painter:
    def __init__(self, length: int) -> None:
        self.scale = (WIDTH - LEFT - RIGHT) / length
        self.bars: List[Bar] = []
        self.lines: List[Line] = []
        self.texts: List[Text] = []

    def x(self, ms: float) -> float:
        return min(max(LEFT + ms * self.scale, LEFT), WIDTH - RIGHT)

    def ladder(self, ladder: Ladder, top: float) -> float:
        """Returns where the next one begins."""
        self.texts.append(Text(ladder.style.style, 0, top + 14, kind="name"))
        lanes = top + TITLE + LABELS
        bottom = lanes + len(LANES) * (LANE + LANE_GAP)
        self.names(ladder, lanes, bottom)
        self.lanes(ladder, lanes)
        gaps = self.gaps(ladder, lanes, bottom)
        return bottom + (GAP_ROW if gaps else 0) + BLOCK_GAP

    def names(self, ladder: Ladder, lanes: float, bottom: float) -> None:
        """A band behind every second step, and the names of the steps above, slanted."""
        middles = []
        for i, (_, begin, end) in enumerate(ladder.steps):
            middles.append((self.x(begin) + self.x(end)) / 2)
            if i % 2 == 0:
                self.bars.append(Bar("band", self.x(begin), lanes - 6, self.x(end) - self.x(begin), bottom - lanes + 6))
        places = spread(middles, LABEL_APART, LEFT, WIDTH - RIGHT)
        for (step, _, _), middle, place in zip(ladder.steps, middles, places):
            self.lines.append(Line("lead", f"M{middle:.1f} {lanes - 6:.1f}L{place:.1f} {lanes - 18:.1f}"))
            words = step.step + ("" if step.status == "done" else f" ({step.status})")
            self.texts.append(Text(words, place + 2, lanes - 21, slanted=True))

    def lanes(self, ladder: Ladder, lanes: float) -> None:
        """The height of a bar is the share of the frames."""
        feet = [lanes + i * (LANE + LANE_GAP) + LANE for i in range(len(LANES))]
        for name, foot in zip(LANES, feet):
            self.lines.append(Line("axis", f"M{LEFT:.1f} {foot:.1f}H{WIDTH - RIGHT:.1f}"))
            self.texts.append(Text(name, LEFT - 8, foot - LANE / 2 + 4, "end"))
        begin = min(step.start_ms for step, _, _ in ladder.steps if step.status == "done")
        for step, _, _ in ladder.steps:
            count = step.unicast
            if step.status != "done" or not count.sent:
                continue
            first, last = (self.x(ms - begin) for ms in window_of(step))
            for name, kind, foot, frames in zip(LANES, CLASSES, feet, (count.pf, count.vf, count.lost)):
                share = min(frames / count.sent, 1.0)
                height = max(share * LANE, 1.0)
                title = f"{step.step}: {100 * share:.1f} % of {count.sent} frames: {name}"
                if frames:
                    self.bars.append(Bar(kind, first, foot - height, last - first, height, title))

    def gaps(self, ladder: Ladder, lanes: float, bottom: float) -> bool:
        """Below the lanes: how long the guest was deaf between two windows, where that is longer than its uncertainty."""
        begin = min(step.start_ms for step, _, _ in ladder.steps if step.status == "done")
        found = [(middle - begin, change) for change in ladder.style.transitions
                 for middle in [middle_of(ladder.style, change)] if middle is not None]
        if not found:
            return False
        self.texts.append(Text("gap", LEFT - 8, bottom + GAP_ROW, "end", kind="faint"))
        middles = [self.x(middle) for middle, _ in found]
        places = spread(middles, GAP_APART, LEFT + GAP_APART / 2, WIDTH - RIGHT)
        nobody = lanes + 2 * (LANE + LANE_GAP)
        for (_, change), middle, place in zip(found, middles, places):
            self.lines.append(Line("lead gap", f"M{middle:.1f} {nobody:.1f}V{bottom:.1f}"
                                               f"L{place:.1f} {bottom + GAP_ROW - 12:.1f}"))
            self.texts.append(Text(duration_words(change.gap_us or 0), place, bottom + GAP_ROW, "middle"))
        return True

    def axis(self, length: int, top: float) -> None:
        for ms in range(0, length + 1, tick_of(length)):
            self.lines.append(Line("axis", f"M{self.x(ms):.1f} {top:.1f}v5"))
            self.texts.append(Text(f"{ms // 1000} s", self.x(ms), top + 17, "middle", kind="faint"))
        self.lines.append(Line("axis", f"M{LEFT:.1f} {top:.1f}H{WIDTH - RIGHT:.1f}"))


def middle_of(style: Style, change: Transition) -> Optional[float]:
    """When a gap was that is to be shown."""
    old, new = step_of(style, change.from_step), step_of(style, change.to_step)
    if old is None or new is None or change.gap_us is None or change.gap_us <= (change.gap_error_us or 0):
        return None
    begin, end = window_of(old)[1], window_of(new)[0]
    return (begin + end) / 2 if end > begin else None


def draw(styles: Sequence[Style]) -> Optional[Drawing]:
    """None: no style was watched for any time."""
    ladders = [ladder for ladder in map(ladder_of, styles) if ladder]
    if not ladders:
        return None
    length = max(ladder.length for ladder in ladders)
    painter, top = Painter(length), 0.0
    for ladder in ladders:
        top = painter.ladder(ladder, top)
    painter.axis(length, top)
    return Drawing(WIDTH, top + AXIS, painter.bars, painter.lines, painter.texts)
