#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""browse.py FOLDER - opens the HTML pages in a headless Chromium and measures what it drew (TAP).

Of each page, at three widths, light and dark: nothing is wider than the page, no text of a drawing
overlaps another or leaves the drawing, and words stand out from what is behind them (WCAG 2.1:
4.5 to 1).
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

WIDTHS = (1280, 800, 420)
MEASURE = """
<script>
(function () {
  function rgb(text) { return text.match(/[\\d.]+/g).slice(0, 3).map(Number); }
  function light(c) {
    const l = c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2];
  }
  function contrast(a, b) {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  }
  function opaque(e) { return !/rgba.*, 0\\)|transparent/.test(getComputedStyle(e).backgroundColor); }
  const bad = [], paper = rgb(getComputedStyle(document.body).backgroundColor);
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth)
    bad.push("the page is " + root.scrollWidth + " wide in " + root.clientWidth);
  for (const svg of document.querySelectorAll("svg[role=img]")) {
    const texts = [...svg.querySelectorAll("text")];
    const m = svg.getScreenCTM().inverse(), box = svg.viewBox.baseVal;
    /* The corners of each text, turned as it is. */
    const corners = texts.map(t => {
      const b = t.getBBox(), own = m.multiply(t.getScreenCTM());
      return [[b.x, b.y], [b.x + b.width, b.y], [b.x + b.width, b.y + b.height], [b.x, b.y + b.height]]
        .map(([x, y]) => new DOMPoint(x, y).matrixTransform(own));
    });
    const apart = (p, q) => {
      for (const poly of [p, q]) for (let i = 0; i < 4; i++) {
        const a = poly[i], b = poly[(i + 1) % 4], nx = b.y - a.y, ny = a.x - b.x;
        const on = s => s.map(c => c.x * nx + c.y * ny);
        const [u, v] = [on(p), on(q)], slack = 0.5 * Math.hypot(nx, ny);
        if (Math.max(...u) <= Math.min(...v) + slack || Math.max(...v) <= Math.min(...u) + slack)
          return true;
      }
      return false;
    };
    for (let i = 0; i < texts.length; i++) {
      for (const c of corners[i])
        if (c.x < -0.5 || c.y < -0.5 || c.x > box.width + 0.5 || c.y > box.height + 0.5) {
          bad.push("outside: " + texts[i].textContent);
          break;
        }
      for (let j = 0; j < i; j++)
        if (!apart(corners[i], corners[j]))
          bad.push("overlap: " + texts[i].textContent + " / " + texts[j].textContent);
    }
  }
  for (const e of document.querySelectorAll("h1,h2,h3,p,dt,dd,td,th,caption,span,b,svg text")) {
    const style = getComputedStyle(e);
    const ink = rgb(e instanceof SVGElement ? style.fill : style.color);
    let behind = e;
    while (behind && !opaque(behind))
      behind = behind.parentElement;
    if (e.textContent && contrast(ink, behind ? rgb(getComputedStyle(behind).backgroundColor) : paper) < 4.5)
      bad.push("faint: " + e.textContent.slice(0, 40));
  }
  const out = document.createElement("pre");
  out.id = "measured";
  out.textContent = JSON.stringify({bad: [...new Set(bad)], svgs: document.querySelectorAll("svg[role=img]").length,
    dark: light(paper) < 0.5});
  document.body.append(out);
})();
</script>"""


class Taps:
    def __init__(self):
        self.num = 0
        self.failed = 0

    def result(self, what, bad):
        self.num += 1
        self.failed += bool(bad)
        print(f"{'not ok' if bad else 'ok'} {self.num} - {what}")
        for line in bad:
            print(f"# {line}")


def chromium(*args):
    with tempfile.TemporaryDirectory() as profile:
        return subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", *args],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, timeout=120).stdout


def measure(page, width, dark):
    with tempfile.NamedTemporaryFile("w", suffix=".html") as copy:
        # The page lets no script in but its own.
        copy.write(re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text()).replace("</body>", MEASURE + "</body>"))
        copy.flush()
        dom = chromium("--dump-dom", f"--window-size={width},900",
                       f"--blink-settings=preferredColorScheme={0 if dark else 1}", f"file://{copy.name}")
    found = re.search(r'<pre id="measured">(.*?)</pre>', dom, re.S)
    if not found:
        return ["nothing was measured"]
    text = found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    measured = json.loads(text)
    if measured["dark"] != dark:
        measured["bad"].append(f"asked for {'dark' if dark else 'light'}, it is not")
    if page.stem != "error" and not measured["svgs"]:
        measured["bad"].append("no drawing")
    return measured["bad"]


def main():
    taps = Taps()
    pages = sorted(pathlib.Path(sys.argv[1]).glob("*.html"))
    for page in pages:
        for width in WIDTHS:
            for dark in (False, True):
                taps.result(f"{page.stem}, {width} wide, {'dark' if dark else 'light'}", measure(page, width, dark))
    print(f"1..{taps.num}")
    return 1 if taps.failed or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
