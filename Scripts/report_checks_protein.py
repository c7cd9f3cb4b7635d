"""Checks of a protein's page in a real browser: what its four views draw and say, and how they are linked."""

from __future__ import annotations

import json
import re
import struct
import time
from collections.abc import Callable
from pathlib import Path

from report_browser import Browser, check
from report_samples import Samples

DRAWN = "['drawn', 'none'].includes(document.querySelector('.stage')?.dataset.state)"
CHOICE = "return document.querySelector('.choice-text').textContent"
STAGE, MAP, OVERLAY = ".stage-canvas canvas", ".map", ".map-overlay"
ORANGE, TEAL = (255, 165, 0), (0, 185, 138)

# How many different colours a canvas has, and how many pixels have nearly the hue of one and are not pale.
COLOURS = """
const [css, wanted] = arguments, source = document.querySelector(css), copy = document.createElement("canvas");
copy.width = source.width; copy.height = source.height;
const pen = copy.getContext("2d");
pen.drawImage(source, 0, 0);
const data = pen.getImageData(0, 0, copy.width, copy.height).data, kinds = new Set();
const hue = (r, g, b) => {
  const high = Math.max(r, g, b), low = Math.min(r, g, b);
  if (high < 60 || high - low < 0.6 * high) return null;
  const turn = high === r ? ((g - b) / (high - low) + 6) % 6 : high === g ? (b - r) / (high - low) + 2 : (r - g) / (high - low) + 4;
  return turn * 60;
};
const target = wanted && hue(...wanted);
let count = 0;
for (let at = 0; at < data.length; at += 4) {
  if (data[at + 3] === 0) continue;
  kinds.add((data[at] >> 4 << 8) | (data[at + 1] >> 4 << 4) | data[at + 2] >> 4);
  const own = wanted ? hue(data[at], data[at + 1], data[at + 2]) : null;
  if (own !== null && Math.abs(own - target) < 9) count += 1;
}
return [kinds.size, count];
"""


def number_of(samples: Samples, report: str, name: str) -> int:
    """The number of the record whose name or header has a text."""
    records = samples.data(report)["records"]
    return next(at for at, record in enumerate(records) if name in f"{record['name']} {record['header']}")


def open_protein(browser: Browser, path: Path, number: int, **options: object) -> None:
    browser.open(f"{path}#/protein/{number}", **options)
    browser.wait(DRAWN, 20)


def open_named(browser: Browser, samples: Samples, report: str, name: str, **options: object) -> None:
    open_protein(browser, samples.report(report), number_of(samples, report, name), **options)


def edited(samples: Samples, report: str, number: int, name: str, edit: Callable[[dict], None]) -> Path:
    """A report with other data of one record, which are no script, so the page's policy does not mind."""
    source = samples.report(report)
    pattern = re.compile(rf'(<script type="application/json" id="record-{number}">)(.*?)(</script>)', re.DOTALL)
    text = source.read_text()
    data = json.loads(pattern.search(text)[2])
    edit(data)
    escaped = json.dumps(data).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    path = source.with_name(f"{source.stem}-{name}.html")
    path.write_text(pattern.sub(lambda match: match[1] + escaped + match[3], text, count=1))
    return path


def colours(browser: Browser, css: str, wanted: tuple | None = None) -> tuple[int, int]:
    kinds, count = browser.script(COLOURS, css, wanted)
    return kinds, count


def wait_colour(browser: Browser, css: str, wanted: tuple, least: int) -> None:
    """Waits until a canvas has pixels of about a colour: the structure follows a choice a little later."""
    end = time.monotonic() + 5
    while (count := colours(browser, css, wanted)[1]) < least:
        assert time.monotonic() < end, f"{css}: {count} pixels like {wanted}, expected {least}"
        time.sleep(0.1)


def picture(browser: Browser, css: str) -> str:
    return browser.script("return document.querySelector(arguments[0]).toDataURL()", css)


def pick(browser: Browser, label: str, value: str) -> None:
    """Chooses in a labelled list."""
    browser.script(
        "const field = [...document.querySelectorAll('.field')].find((field) => field.innerText.startsWith(arguments[0]));"
        "const select = field.querySelector('select'); select.value = arguments[1];"
        "select.dispatchEvent(new Event('change'))", label, value)  # fmt: skip


def press_button(browser: Browser, text: str) -> None:
    element = browser.script(
        "return [...document.querySelectorAll('.protein button')].find((b) => b.textContent.startsWith(arguments[0]))", text)
    assert element, f"no button {text}"
    browser.click(element)


def type_choice(browser: Browser, text: str) -> str:
    """Types a range and chooses it; what is then said."""
    field = browser.find("#choice-field")
    browser.script("arguments[0].focus(); arguments[0].select()", field)
    browser.press(text)
    browser.press("Enter")
    return browser.script(CHOICE)


def chosen_letters(browser: Browser, kind: str = "chosen") -> list[int]:
    """Places of letters of the sequence that are marked."""
    return browser.script(
        "return [...document.querySelectorAll('.letter.' + arguments[0])].map((letter) => Number(letter.dataset.at))", kind)


def no_complaint(browser: Browser) -> None:
    assert browser.errors() == [], browser.errors()
    assert browser.requests() == [], browser.requests()


def map_size(browser: Browser) -> tuple[float, float, float]:
    """Left, upper edge and side of the map in its canvas, for a protein without or with several chains."""
    width, chains = browser.script(
        "return [document.querySelector('.map-overlay').clientWidth, document.querySelectorAll('.chain-name').length]")
    return 58, 30 if chains else 12, width - 58 - 16


@check("protein: the first picture comes within 3 s and shows the structure")
def check_first_picture(browser: Browser, samples: Samples) -> None:
    open_named(browser, samples, "demo", "1CRN_A")
    first = browser.script("return performance.getEntriesByName('first-picture')[0].startTime")
    assert first < 3000, f"{first:.0f} ms"
    kinds, blue = colours(browser, STAGE, (0, 83, 214))
    assert kinds > 20 and blue > 2000, (kinds, blue)
    kinds, _ = colours(browser, MAP)
    assert kinds > 5, kinds
    assert browser.script("return document.title").startswith("1CRN_A")
    text = browser.find(".scores").text
    assert "46 residues" in text and "very high" in text and "pTM" in text, text
    assert "demo model" in browser.find(".demo-warning").text
    no_complaint(browser)
    browser.screenshot("protein-light")


@check("protein: colourings and representations change the picture, none without drawing")
def check_colourings(browser: Browser, samples: Samples) -> None:
    open_named(browser, samples, "demo", "1UBI_A")
    seen = {picture(browser, STAGE)}
    for label, values in (("Colour", ("chain", "rainbow", "residue")), ("Show as", ("cartoon+sticks", "sticks", "surface"))):
        for value in values:
            pick(browser, label, value)
            time.sleep(1.5)
            assert colours(browser, STAGE)[0] > 20, value
            image = picture(browser, STAGE)
            assert image not in seen, f"{value} draws what was there"
            seen.add(image)
    pick(browser, "Colour", "rainbow")
    assert "first residue" in browser.find(".panel-structure .legend").text
    no_complaint(browser)


@check("protein: a letter that is clicked is marked in all views")
def check_sequence_pick(browser: Browser, samples: Samples) -> None:
    open_named(browser, samples, "demo", "1CRN_A")
    before = colours(browser, STAGE, ORANGE)[1]
    browser.click(browser.find("#residue-13"))
    text = browser.script(CHOICE)
    assert re.match(r"Chosen: A 14 \(1 residue\), pLDDT \d", text), text
    assert chosen_letters(browser) == [13]
    assert len(browser.script("return document.querySelectorAll('.confidence .mark')")) == 1
    assert colours(browser, OVERLAY, ORANGE)[1] > 30
    wait_colour(browser, STAGE, ORANGE, before + 100)
    assert browser.find("#choice-field").get_attribute("value") == "A:14"
    first, last = (browser.find(f"#residue-{at}") for at in (2, 8))
    width = browser.script("return arguments[0].getBoundingClientRect().left - arguments[1].getBoundingClientRect().left",
                           last, first)  # fmt: skip
    browser.drag(first, (5, 8), (width + 5, 8))
    assert browser.script(CHOICE).startswith("Chosen: A 3–9 (7 residues), mean pLDDT"), browser.script(CHOICE)
    press_button(browser, "Clear")
    assert browser.script(CHOICE) == "Nothing is chosen." and chosen_letters(browser) == []
    no_complaint(browser)


@check("protein: a rectangle in the errors marks scored residues orange and aligned ones teal")
def check_rectangle(browser: Browser, samples: Samples) -> None:
    open_named(browser, samples, "hostile", "dimer")
    left, top, side = map_size(browser)
    cell = side / 92
    place = lambda column, row: (left + (column + 0.5) * cell, top + (row + 0.5) * cell)
    browser.drag(browser.find(OVERLAY), place(9, 50), place(29, 60))
    text = browser.script(CHOICE)
    assert re.fullmatch(r"Chosen: A 10–30 \(21 residues\), mean pLDDT [\d.]+; with B 5–15, "
                        r"mean expected error [\d.]+\sÅ", text), text  # fmt: skip
    assert chosen_letters(browser) == list(range(9, 30))
    assert chosen_letters(browser, "chosen-second") == list(range(50, 61))
    wait_colour(browser, STAGE, ORANGE, 300)
    wait_colour(browser, STAGE, TEAL, 150)
    assert len(browser.script("return document.querySelectorAll('.confidence .mark')")) == 2
    browser.screenshot("protein-rectangle")
    browser.hover(browser.find(OVERLAY), place(70, 3))
    tip = browser.find(".tip").text
    assert re.fullmatch(r"Scored B 25 .+, aligned A 4 .+: [\d.]+\sÅ", tip), tip
    pointed = chosen_letters(browser, "pointed")
    assert pointed == [3, 70], pointed
    assert len(browser.script("return document.querySelectorAll('.crosshair line')")) == 2
    assert browser.script("return document.querySelector('.panel-pairs').innerText").count("A–B") == 1
    assert "not calibrated for ESMFold" in browser.find(".panel-pairs").text
    browser.click(browser.find("#residue-0"))
    assert chosen_letters(browser, "chosen-second") == []
    no_complaint(browser)


@check("protein: ranges can be typed, and mistakes are explained")
def check_typed(browser: Browser, samples: Samples) -> None:
    open_named(browser, samples, "hostile", "dimer")
    assert type_choice(browser, "A:12-30, B:4").startswith("Chosen: A 12–30, B 4 (20 residues)")
    assert type_choice(browser, "B").startswith("Chosen: B 1–46 (46 residues)")
    assert "; with B 4–9, mean expected error" in type_choice(browser, "A12-30 with B:4-9")
    kept = browser.script(CHOICE)
    for text, problem in (("C:3", "no chain C"), ("A:900", "no residue"), ("5", "needs a chain"), ("A:?", "no range")):
        assert type_choice(browser, text) == kept, text
        assert problem in browser.find("#choice-problem").text, (text, browser.find("#choice-problem").text)
    assert browser.find("#choice-field").get_attribute("aria-invalid") == "true"
    no_complaint(browser)


@check("protein: pLDDT plot and structure choose and point, too")
def check_plot_and_structure(browser: Browser, samples: Samples) -> None:
    open_named(browser, samples, "demo", "1CRN_A")
    plot = browser.find(".confidence")
    width = browser.script("return arguments[0].clientWidth", plot)
    x = lambda at: 44 + (at + 0.5) * (width - 44 - 84) / 46
    browser.drag(plot, (x(4), 60), (x(10), 60))
    assert browser.script(CHOICE).startswith("Chosen: A 5–11 (7 residues)"), browser.script(CHOICE)
    browser.hover(plot, (x(20), 60))
    assert browser.find(".tip").text.startswith("A 21 "), browser.find(".tip").text
    assert chosen_letters(browser, "pointed") == [20]
    press_button(browser, "Clear")
    # The first pixel of the ribbon from the middle outwards.
    x, y = browser.script("""
      document.querySelector(".stage").scrollIntoView({ block: "center" });
      const source = document.querySelector(arguments[0]), copy = document.createElement("canvas");
      copy.width = source.width; copy.height = source.height;
      const pen = copy.getContext("2d");
      pen.drawImage(source, 0, 0);
      const data = pen.getImageData(0, 0, copy.width, copy.height).data;
      let best = null;
      const solid = (x, y) => { const at = 4 * (y * copy.width + x); return data[at + 2] > data[at] + 90; };
      for (let y = 6; y < copy.height - 6; y++) for (let x = 6; x < copy.width - 6; x++) {
        if (![[0, 0], [4, 0], [-4, 0], [0, 4], [0, -4]].every(([a, b]) => solid(x + a, y + b))) continue;
        const far = Math.hypot(x - copy.width / 2, y - copy.height / 2);
        if (best === null || far < best[2]) best = [x, y, far];
      }
      return best.slice(0, 2).map((value) => value * source.clientWidth / source.width)""", STAGE)  # fmt: skip
    stage = browser.find(STAGE)
    browser.hover(stage, (x - 3, y))
    browser.hover(stage, (x, y))
    browser.wait("document.querySelectorAll('.letter.pointed').length === 1", 5)
    pointed = chosen_letters(browser, "pointed")[0]
    assert browser.find(".tip").text.startswith(f"A {pointed + 1} "), browser.find(".tip").text
    browser.drag(stage, (x, y), (x, y))
    browser.wait("document.querySelectorAll('.letter.chosen').length === 1", 5)
    assert chosen_letters(browser) == [pointed], (chosen_letters(browser), pointed)
    no_complaint(browser)


@check("protein: everything works by keyboard")
def check_keyboard(browser: Browser, samples: Samples) -> None:
    open_named(browser, samples, "hostile", "dimer")
    focus = lambda css: browser.script("document.querySelector(arguments[0]).focus()", css)
    active = "return document.querySelector('.sequence').getAttribute('aria-activedescendant')"
    focus(".sequence")
    for keys, chosen in (
        ("ArrowRight", [1]), ("Shift+ArrowRight", [1, 2]), ("Shift+ArrowRight", [1, 2, 3]), ("Home", [0]), ("End", [91]),
        ("Shift+ArrowLeft", [90, 91]), ("Escape", []),
    ):  # fmt: skip
        browser.press(keys)
        assert chosen_letters(browser) == chosen, (keys, chosen_letters(browser))
    label = browser.script("return document.getElementById(arguments[0]).getAttribute('aria-label')", browser.script(active))
    assert re.fullmatch(r"Residue 45, .+, chain B, pLDDT [\d.]+, very low", label), label
    focus(".confidence")
    browser.press("Home")
    browser.press("Shift+PageDown")
    assert chosen_letters(browser) == list(range(11))
    value = browser.find(".confidence").get_attribute("aria-valuetext")
    assert value.startswith("Residue 11, "), value
    browser.press("Escape")
    focus(OVERLAY)
    for keys in ("ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowRight", "Shift+PageDown"):
        browser.press(keys)
    text = browser.script(CHOICE)
    assert text.startswith("Chosen: A 3–4 (2 residues)") and "with A 2–12" in text, text
    browser.wait("document.getElementById('announcements').textContent.startsWith('Chosen: A 3–4')", 3)
    browser.press("Escape")
    assert browser.script(CHOICE) == "Nothing is chosen."
    before = picture(browser, STAGE)
    focus(STAGE)
    browser.press("ArrowLeft")
    time.sleep(0.5)
    assert picture(browser, STAGE) != before, "an arrow did not turn the structure"
    unnamed = browser.script("""
      return [...document.querySelectorAll(".protein :is(button, select, input, a, [tabindex='0'])")]
        .filter((element) => !(element.getAttribute("aria-label") || element.textContent.trim() || element.labels?.length))
        .map((element) => element.outerHTML.slice(0, 80))""")  # fmt: skip
    assert unnamed == [], unnamed
    no_complaint(browser)


@check("protein: zoom, spin, reset, and the picture as a file")
def check_picture(browser: Browser, samples: Samples) -> None:
    open_named(browser, samples, "demo", "1UBI_A")
    whole = picture(browser, STAGE)
    type_choice(browser, "A:20-25")
    press_button(browser, "Zoom to choice")
    time.sleep(1.5)
    close = colours(browser, STAGE, ORANGE)[1]
    assert close > 3000, close
    press_button(browser, "Clear")
    press_button(browser, "Reset view")
    time.sleep(0.6)
    assert picture(browser, STAGE) == whole, "reset does not show the first view"
    press_button(browser, "Spin")
    time.sleep(0.8)
    assert picture(browser, STAGE) != whole
    press_button(browser, "Spin")
    press_button(browser, "Save picture")
    data = browser.wait_download("1UBI_A.png", 20).read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    assert data.startswith(b"\x89PNG\r\n\x1a\n") and width >= 1200 and height > 600 and len(data) > 20_000, (width, height)
    no_complaint(browser)


@check("protein: downloads are the files of the results, byte for byte")
def check_downloads(browser: Browser, samples: Samples) -> None:
    for report, name in (("demo", "5PTI_A"), ("hostile", "dimer")):
        open_named(browser, samples, report, name)
        results = samples.report(report).with_suffix("")
        for kind, suffix in (("PDB", "pdb"), ("mmCIF", "cif"), ("PAE", "pae.json")):
            press_button(browser, kind)
            found = browser.wait_download(f"{name}.{suffix}").read_bytes()
            assert found == (results / f"{name}.{suffix}").read_bytes(), f"{name}.{suffix} differs"
        no_complaint(browser)


@check("protein: names and headers that look like markup are text")
def check_hostile(browser: Browser, samples: Samples) -> None:
    for text in ("<script>alert(1)</script> & header", "</script>"):
        try:
            number = number_of(samples, "hostile", text)
        except StopIteration:
            continue
        open_protein(browser, samples.report("hostile"), number)
        assert text in browser.find(".protein-header").text
        assert browser.script("return document.querySelectorAll('.protein img, .protein script').length") == 0
        no_complaint(browser)


@check("protein: unknown residues are grey, without a value, and there where they have no atoms")
def check_unknown(browser: Browser, samples: Samples) -> None:
    number = number_of(samples, "demo", "1L2Y_A")

    def edit(data: dict) -> None:
        data["plddt"][5] = data["plddt"][6] = None
        sequence = data["chains"][0]["sequence"]
        data["chains"][0]["sequence"] = f"{sequence[:5]}XX{sequence[7:]}"

    open_protein(browser, edited(samples, "demo", number, "unknown", edit), number)
    assert browser.script("return document.querySelectorAll('.letter.class-none').length") == 2
    label = browser.script("return document.getElementById('residue-5').getAttribute('aria-label')")
    assert label == "Residue 6, unknown residue, chain A, no value", label
    browser.click(browser.find("#residue-5"))
    assert browser.script(CHOICE) == "Chosen: A 6 (1 residue), no pLDDT", browser.script(CHOICE)
    path = browser.script("return document.querySelector('.confidence .line').getAttribute('d')")
    assert path.count("M") == 2, path
    no_complaint(browser)
    if any(record["name"] == "withx" for record in samples.data("hostile")["records"]):
        open_named(browser, samples, "hostile", "withx")
        assert colours(browser, STAGE)[0] > 20
        no_complaint(browser)


@check("protein: what is missing is said: no errors, no viewer, no WebGL, a broken file")
def check_missing(browser: Browser, samples: Samples) -> None:
    number = number_of(samples, "demo", "1L2Y_A")
    open_protein(browser, edited(samples, "demo", number, "no-errors", lambda data: data.update(pae=None)), number)
    assert "--pae" in browser.find(".panel-errors").text
    no_complaint(browser)

    def broken(data: dict) -> None:
        file = next(file for file in data["files"] if file["kind"] == data["structure"])
        file["data"] = "eJwDAAAAAAE="

    open_protein(browser, edited(samples, "demo", number, "broken", broken), number)
    assert "cannot be shown" in browser.find(".stage-text").text
    assert browser.errors() == [], browser.errors()
    # Without the element of the viewer, and where the browser has no WebGL: both before the page is opened.
    for action, text in (
        ("document.getElementById('viewer-code').remove()", "run Scripts/fetch-viewer and build again"),
        ("const old = HTMLCanvasElement.prototype.getContext; HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
         "return kind.startsWith('webgl') ? null : old.call(this, kind, ...more) }", "cannot draw in 3D"),
    ):  # fmt: skip
        browser.open(samples.report("demo"))
        browser.script(f"{action}; location.hash = '#/protein/{number}'")
        browser.wait("document.querySelector('.stage')?.dataset.state === 'none'", 10)
        assert text in browser.find(".stage-text").text, browser.find(".stage-text").text
        assert colours(browser, MAP)[0] > 3
        no_complaint(browser)


@check("protein: mmCIF is shown alike")
def check_mmcif(browser: Browser, samples: Samples) -> None:
    number = number_of(samples, "hostile", "dimer")
    open_protein(browser, edited(samples, "hostile", number, "cif", lambda data: data.update(structure="cif")), number)
    assert colours(browser, STAGE)[0] > 20
    type_choice(browser, "B:10-20")
    wait_colour(browser, STAGE, ORANGE, 200)
    no_complaint(browser)


@check("protein: themes, palettes, narrow windows and paper redraw what is on canvases")
def check_appearance(browser: Browser, samples: Samples) -> None:
    open_named(browser, samples, "demo", "1UBI_A", theme="dark")
    dark = [picture(browser, css) for css in (STAGE, MAP)]
    browser.screenshot("protein-dark")
    browser.script("setAppearance({ palette: 'cividis' })")
    time.sleep(0.5)
    assert all(picture(browser, css) != old for css, old in zip((STAGE, MAP), dark, strict=True))
    browser.screenshot("protein-dark-cividis")
    browser.script("setAppearance({ palette: 'standard' })")
    browser.script("dispatchEvent(new Event('beforeprint'))")
    corner = "return [...document.querySelector('.stage').ownerDocument.defaultView.getComputedStyle(document.body).backgroundColor.matchAll(/\\d+/g)].map(Number)"
    assert browser.script(corner) == [255, 255, 255]
    browser.script("dispatchEvent(new Event('afterprint'))")
    assert browser.script(corner) != [255, 255, 255]
    no_complaint(browser)
    for theme in ("light", "dark"):
        open_named(browser, samples, "demo", "1UBI_A", size=(390, 844), theme=theme)
        wide = browser.script("return document.documentElement.scrollWidth")
        assert wide <= 390, wide
        browser.screenshot(f"protein-narrow-{theme}")


@check("protein: going from page to page frees the viewers")
def check_navigation(browser: Browser, samples: Samples) -> None:
    open_named(browser, samples, "demo", "1L2Y_A")
    names = [record["name"] for record in samples.data("demo")["records"]]
    for _ in range(19):
        link = browser.script("return document.querySelector('.neighbours a[rel=next]')")
        if not link:
            break
        browser.script("arguments[0].click()", link)
        browser.wait(DRAWN, 20)
    assert browser.script("return document.querySelector('h1').textContent") == names[-1]
    assert browser.script("return document.querySelector('.stage').dataset.state") == "drawn"
    assert browser.script("return document.querySelectorAll('canvas').length") == 3
    browser.script("location.hash = '#/'")
    browser.wait("document.documentElement.dataset.page === 'index'", 5)
    assert browser.script("return document.querySelectorAll('.stage').length") == 0
    no_complaint(browser)
