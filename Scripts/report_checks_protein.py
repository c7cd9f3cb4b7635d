"""Checks of a protein's page in a real browser: what its four views draw and say, and how they are linked."""

from __future__ import annotations

import json
import re
import time

import report_checks_protein_files  # noqa: F401  It registers its own checks.
from report_browser import Browser, check
from report_protein import (
    BLUE, CHOICE, MAP, ORANGE, OVERLAY, STAGE, TEAL, chosen_letters, colours, map_size, no_complaint, open_named,
    pick, picture, press_button, type_choice, wait_colour,
)  # fmt: skip
from report_samples import Samples

# The colour of the map at a place, and that of the scale at a share of its maximum.
PIXEL = """
const [x, y, share] = arguments, map = document.querySelector(".map"), ratio = map.width / map.clientWidth;
const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
pen.drawImage(map, Math.floor(x * ratio), Math.floor(y * ratio), 1, 1, 0, 0, 1, 1);
return [[...pen.getImageData(0, 0, 1, 1).data].slice(0, 3), errorColours()[Math.round(255 * share)]];
"""


@check("protein: the first picture comes within 3 s and shows the structure")
def check_first_picture(browser: Browser, samples: Samples) -> None:
    times = []
    for _ in range(2):  # The machine may have been busy with something else once.
        open_named(browser, samples, "demo", "1CRN_A")
        times.append(browser.script("return performance.getEntriesByName('first-picture')[0].startTime"))
    assert min(times) < 3000, times
    kinds, blue = colours(browser, STAGE, BLUE)
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
    choices = [("Colour", value) for value in ("chain", "rainbow", "residue")]
    choices += [("Show as", value) for value in ("cartoon+sticks", "sticks", "surface")]
    for label, value in choices:
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
    before, blue = (colours(browser, STAGE, colour)[1] for colour in (ORANGE, BLUE))
    browser.click(browser.find("#residue-13"))
    text = browser.script(CHOICE)
    assert re.match(r"Chosen: A 14 \(1 residue\), pLDDT \d", text), text
    assert chosen_letters(browser) == [13]
    assert len(browser.script("return document.querySelectorAll('.confidence .mark')")) == 1
    assert colours(browser, OVERLAY, ORANGE)[1] > 30
    wait_colour(browser, STAGE, ORANGE, before + 100)
    browser.hover(browser.find("h1"), (5, 5))
    time.sleep(0.5)
    assert colours(browser, STAGE, BLUE)[1] < blue / 4, "what is not chosen is not pale"
    # The ribbon alone has fewer.
    assert colours(browser, STAGE, ORANGE)[1] > 900, colours(browser, STAGE, ORANGE)
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
    results = samples.report("hostile").with_suffix("")
    errors = json.loads((results / "dimer.pae.json").read_text())[0]["predicted_aligned_error"]
    left, top, side = map_size(browser)
    cell = side / 92
    place = lambda column, row: (left + (column + 0.5) * cell, top + (row + 0.5) * cell)
    # Where the errors of one direction differ from those of the other.
    browser.drag(browser.find(OVERLAY), place(7, 78), place(18, 89))
    text = browser.script(CHOICE)
    assert re.fullmatch(r"Chosen: A 8–19 \(12 residues\), mean pLDDT [\d.]+; with B 33–44, "
                        r"mean expected error [\d.]+\sÅ", text), text  # fmt: skip
    mean = sum(errors[row][column] for row in range(78, 90) for column in range(7, 19)) / 144
    assert f"mean expected error {mean:.1f}" in text, (text, mean)
    assert chosen_letters(browser) == list(range(7, 19))
    assert chosen_letters(browser, "chosen-second") == list(range(78, 90))
    wait_colour(browser, STAGE, ORANGE, 300)
    wait_colour(browser, STAGE, TEAL, 150)
    assert len(browser.script("return document.querySelectorAll('.confidence .mark')")) == 2
    browser.screenshot("protein-rectangle")
    browser.hover(browser.find(OVERLAY), place(70, 3))
    tip = browser.find(".tip").text
    assert re.fullmatch(rf"Scored B 25 .+, aligned A 4 .+: {errors[3][70]:.1f}\sÅ", tip), tip
    for column, row in ((70, 3), (3, 70), (14, 2)):
        drawn, expected = browser.script(PIXEL, *place(column, row), errors[row][column] / 31.75)
        assert drawn == expected, f"scored {column}, aligned {row}: {drawn}, expected {expected}"
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
      const solid = (x, y) => { const at = 4 * (y * copy.width + x); return data[at + 2] > data[at] + 50; };
      for (let y = 6; y < copy.height - 6; y++) for (let x = 6; x < copy.width - 6; x++) {
        if (![[0, 0], [2, 0], [-2, 0], [0, 2], [0, -2]].every(([a, b]) => solid(x + a, y + b))) continue;
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
    name_of = "return document.getElementById(arguments[0]).getAttribute('aria-label')"
    label = browser.script(name_of, browser.script(active))
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
        .filter((element) =>
          !element.getAttribute("aria-label") && !element.textContent.trim() && !element.labels?.length)
        .map((element) => element.outerHTML.slice(0, 80))""")  # fmt: skip
    assert unnamed == [], unnamed
    no_complaint(browser)
