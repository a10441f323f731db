# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of a result in a headless Chromium, on a screen and on a telephone: what stands where, and that nothing is wider than the
page, overlaps, or is too faint to read (WCAG 2.1: 4.5 to 1)."""

import copy
import html
import io
import json
import re
import shutil
import subprocess
import tempfile
from xml.etree import ElementTree

import pytest
import tool

from nfprobe_tools import audit, guests, host, page, result
from nfprobe_tools.subject import subject_of
from test_guests import DB, MAIL, WATCH, WEB, guest, hop, stop

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium: scripts/check page gets one")
MEASURE = r"""
<script>
(function () {
  function rgb(text) { return text.match(/[\d.]+/g).map(Number); }
  function light(c) {
    const l = c.slice(0, 3).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2];
  }
  function contrast(a, b) {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  }
  function behind(e) {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  }
  const bad = [], root = document.documentElement;
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
  for (const e of document.querySelectorAll("h1,h2,h3,p,dt,dd,td,th,caption,span,b,small,code,button,summary,svg text")) {
    const style = getComputedStyle(e);
    const ink = rgb(e instanceof SVGElement ? style.fill : style.color);
    if (e.textContent.trim() && style.display !== "none" && contrast(ink, behind(e)) < 4.5)
      bad.push("faint: " + e.textContent.slice(0, 40));
  }
  const where = selector => [...document.querySelectorAll(selector)].map(e => {
    const r = e.getBoundingClientRect();
    return [r.left, r.top, r.right, r.bottom].map(Math.round);
  });
  const out = document.createElement("pre");
  out.id = "measured";
  out.textContent = JSON.stringify({bad: [...new Set(bad)], h1: where("h1"), cells: where(".life td"), commands: where(".command"),
    buttons: where("button"), drawing: where("svg.time"), details: where("details"),
    open: document.querySelectorAll("details[open]").length, dark: light(behind(document.body)) < 0.5});
  document.body.append(out);
})();
</script>"""


def chromium(*args):
    with tempfile.TemporaryDirectory() as profile:
        return subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                               f"--user-data-dir={profile}", *args],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, timeout=120).stdout


def page_of(document):
    """As of this host's own store, with all that a page can have."""
    out = io.BytesIO()
    page.write_html([subject_of(result.parse(json.dumps(document).encode(), "x.json"))._replace(own=True)], out)
    return out.getvalue().decode()


def measure(tmp_path, pages, dark):
    """Returns what each page measures at its width, in a frame: the window of a headless Chromium has no less than 500."""
    policy = re.compile('<meta http-equiv="Content-Security-Policy"[^>]*>')
    frames = ""
    for number, (text, width) in enumerate(pages):
        assert policy.search(text)
        (tmp_path / f"{number}.html").write_text(policy.sub("", text).replace("</body>", MEASURE + "</body>"))
        frames += f'<iframe src="{number}.html" style="border:0;width:{width}px;height:3000px"></iframe>'
    (tmp_path / "frames.html").write_text(
        f'<body style="margin:0">{frames}<script>addEventListener("load", () => {{ for (const frame of document.querySelectorAll("iframe"))'
        'document.body.append(frame.contentDocument.getElementById("measured")); });</script>')
    dom = chromium("--dump-dom", "--window-size=1300,3200", "--allow-file-access-from-files",
                   f"--blink-settings=preferredColorScheme={0 if dark else 1}", f"file://{tmp_path}/frames.html")
    found = re.findall(r'<pre id="measured">(.*?)</pre>', dom, re.S)
    assert len(found) == len(pages)
    return [json.loads(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) for text in found]


def long_names():
    """A hostile document in which all is as long as can be: a name without a blank, many styles, every step short."""
    document = copy.deepcopy(tool.golden("igb.json"))
    style = document["vf"]["styles"][1]
    for transition in style["transitions"]:
        transition.update(gap_us=1_234_567, gap_error_us=10)
    document["vf"]["styles"] = [{**copy.deepcopy(style), "style": name}
                                for name in ("macvtap", "bridge", "bridge+fdb", "static-bridge", "vf-bridge")]
    document["life"] = [{**copy.deepcopy(document["life"][1]), "style": name}
                        for name in ("macvtap", "bridge", "bridge+fdb", "static-bridge", "vf-bridge")]
    for row in document["life"]:
        row["cells"].update(attach="refused", up="slow", unplug="unknown", ipv6="untested")
    for step in document["vf"]["styles"][0]["steps"][3:9]:
        step.update(status="skipped", duration_ms=0, note="x" * 300)
    document["answer"] = "<b>" + "w" * 300
    document["advice"].append({**copy.deepcopy(document["advice"][1]), "id": "a9", "text": "y" * 200, "if_earlier": "q" * 100,
                               "commands": [["ip", "link", "set", "z" * 200]]})
    document["pf"]["parentdev"] = "p" * 128
    return document


def page_of_audit():
    """One with a name without a blank, a command and the way of a guest as long as can be, and what was counted on another."""
    document, out = copy.deepcopy(tool.golden("audit-full.json")), io.BytesIO()
    document["findings"].append({**copy.deepcopy(document["findings"][0]), "what": "w" * 300, "commands": [["ip", "link", "z" * 200]]})
    long = hop("veth", "v" * 15, "b" * 15, "in", 4094, [stop("w" * 300, [["ip", "link", "z" * 200]])], netns="n" * 255)
    document["guests"] = [WEB, MAIL, guest("g" * 300, 7, "vnet0", *[long] * 24), DB]
    page.write_audit(host.read_document(audit.any_audit, json.dumps(document).encode(), "x"), out, guests.any_watch(WATCH))
    return out.getvalue().decode()


WIDTHS = (1280, 800, 390)


@pytest.fixture(name="measured", scope="module", params=["light", "dark"])
def what_is_measured(request, tmp_path_factory):
    """By the name of the result and the width."""
    folder = tmp_path_factory.mktemp("pages")
    documents = {"igb": tool.golden("igb.json"), "long": long_names(), "error": tool.golden("error.json")}
    keys = [(name, width) for name in (*documents, "audit") for width in WIDTHS]
    pages = {name: page_of(document) for name, document in documents.items()}
    pages["audit"] = page_of_audit()
    found = dict(zip(keys, measure(folder, [(pages[name], width) for name, width in keys], request.param == "dark")))
    assert {one["dark"] for one in found.values()} == {request.param == "dark"}
    return found


def test_nothing_overflows_overlaps_or_is_faint(measured):
    assert {key: one["bad"] for key, one in measured.items()} == {key: [] for key in measured}


@pytest.mark.parametrize("width", [1280, 390])
def test_what_matters_is_above_the_fold(measured, width):
    found = measured["igb", width]
    assert len(found["cells"]) == 14 and len(found["commands"]) == len(found["buttons"]) == 3
    last = 0
    for part, number in (("h1", 1), ("cells", 14), ("commands", 2)):  # the last of these undoes
        assert all(bottom <= 800 and 0 <= left and right <= width for left, _, right, bottom in found[part][:number]), part
        assert found[part][0][1] >= last  # in this order
        last = found[part][0][3]
    # A button is large enough to be hit.
    assert all(right - left >= 44 and bottom - top >= 24 for left, top, right, bottom in found["buttons"])
    assert found["drawing"][0][1] > found["commands"][-1][3]
    # The counts are there, and take no place.
    assert found["open"] == 0 and [bottom - top <= 40 for _, top, _, bottom in found["details"]] == [True]


def test_a_button_copies_its_command(tmp_path):
    """With the policy of the page: its own script runs, and no other."""
    text = page_of(tool.golden("igb.json"))
    click = ('<img src=x onerror="document.title=\'hacked\'"><script>document.title = "hacked"</script>')
    (tmp_path / "page.html").write_text(text.replace("</main>", click + "</main>"))
    (tmp_path / "frame.html").write_text(
        '<body><iframe src="page.html" style="width:800px;height:800px"></iframe><script>addEventListener("load", () => {'
        'const page = document.querySelector("iframe").contentDocument; page.querySelectorAll("button")[1].click();'
        'const out = document.createElement("pre"); out.id = "measured";'
        'out.textContent = page.title + "|" + page.getSelection(); document.body.append(out); });</script>')
    dom = chromium("--dump-dom", "--allow-file-access-from-files", f"file://{tmp_path}/frame.html")
    title, selected = re.search(r'<pre id="measured">(.*?)</pre>', dom, re.S)[1].split("|")
    assert title == tool.golden("igb.json")["answer"] + " (hv1, 2026-11-20, firmware 2.1.0)"
    assert selected == " ".join(tool.golden("igb.json")["advice"][1]["commands"][0])


def test_it_loads_nothing(tmp_path):
    text = page_of(tool.golden("igb.json"))
    assert not re.search(r"https?:|\bsrc=|@import|<link|url\((?!#)", text)


JENKINS = "default-src 'none'; img-src 'self'; style-src 'self'"  # its DirectoryBrowserSupport, by default


@pytest.mark.parametrize("width", (1280, 390))
def test_it_means_the_same_without_styles_and_scripts(tmp_path, width):
    """As Jenkins serves what a job has archived. What it would show is what of the document is not hidden."""
    text = page_of(tool.golden("igb.json"))
    policy = '<meta http-equiv="Content-Security-Policy"'
    bare = re.sub(f"{policy}[^>]*>", f'{policy} content="{JENKINS}">', text)
    (tmp_path / "page.html").write_text(bare)
    shown = chromium("--dump-dom", f"--window-size={width},2000", f"file://{tmp_path}/page.html")
    assert "hidden" in re.search("<button[^>]*>", shown)[0]  # which nothing would act on
    assert all("hidden" in found for found in re.findall('<small class="label"[^>]*>', shown))  # a table has its headings
    for found in re.findall("<(?:rect|path)[^>]*>", shown):
        assert " fill=" in found or "stroke=" in found, found  # else it were black
    assert not re.search('style="', shown)


def test_the_head_says_which_result_it_is():
    document = tool.golden("igb.json")
    text = page_of(document)
    title, head = re.search("<title>(.*?)</title>", text)[1], text[:text.index("<table")]
    for words in (document["run"]["host"], document["run"]["start"][:10], document["pf"]["firmware"]):
        assert words in title and words in head[head.index("</title>"):]
    assert html.unescape(re.sub("<[^>]*>", "", re.search("<h1.*?</h1>", text)[0])) == document["answer"]


def test_what_is_copied_of_a_file_is_xml():
    """Blanks that push words out of sight are shown, and not those that begin a line of XML."""
    document = tool.golden("igb.json")
    out = io.BytesIO()
    page.write_html([subject_of(result.parse(json.dumps(document).encode(), "x.json"))], out)
    block = html.unescape(re.search("<code>(.*?)</code>", out.getvalue().decode(), re.S)[1])
    assert ElementTree.fromstring(block).tag == "interface"
    for odd in ("a" + " " * 9 + "b", " " * 9 + "b", "a ", "a\tb", "a\u00a0b"):
        assert "\u2423" in page.blanks(odd)
    assert page.blanks("  <a b='c d'/>") == "  <a b='c d'/>"


def test_it_prints_on_few_pages(tmp_path):
    (tmp_path / "page.html").write_text(page_of(tool.golden("igb.json")))
    chromium(f"--print-to-pdf={tmp_path}/page.pdf", f"file://{tmp_path}/page.html")
    pages = len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "page.pdf").read_bytes()))
    assert 1 <= pages <= 2
