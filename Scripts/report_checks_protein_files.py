"""Checks of a protein's page in a real browser: its files, what is missing or odd, appearance, and going on."""

from __future__ import annotations

import struct
import time

from report_browser import Browser, check
from report_protein import (
    BLUE, CHOICE, DRAWN, MAP, ORANGE, STAGE, colours, edited, no_complaint, number_of, open_named, open_protein,
    picture, press_button, type_choice, wait_colour,
)  # fmt: skip
from report_samples import Samples


@check("protein: zoom, spin, reset, and the picture as a file")
def check_picture(browser: Browser, samples: Samples) -> None:
    open_named(browser, samples, "demo", "1UBI_A")
    blue = colours(browser, STAGE, BLUE)[1]
    type_choice(browser, "A:20-25")
    press_button(browser, "Zoom to choice")
    time.sleep(1.5)
    close = colours(browser, STAGE, ORANGE)[1]
    assert close > 3000, close
    press_button(browser, "Clear")
    browser.script("arguments[0].focus()", browser.find(STAGE))
    for _ in range(6):
        browser.press("ArrowLeft")
    press_button(browser, "Reset view")
    time.sleep(1)
    again = colours(browser, STAGE, BLUE)[1]
    assert abs(again - blue) < 0.01 * blue, f"reset shows {again} blue pixels, the first view had {blue}"
    whole = picture(browser, STAGE)
    press_button(browser, "Spin")
    time.sleep(1)
    assert picture(browser, STAGE) != whole
    press_button(browser, "Spin")
    press_button(browser, "Full screen")
    browser.wait("document.fullscreenElement?.matches('.stage')", 5)
    browser.script("return document.exitFullscreen()")
    press_button(browser, "Save picture")
    data = browser.wait_download("1UBI_A.png", 20).read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    assert data.startswith(b"\x89PNG\r\n\x1a\n"), data[:20]
    assert width >= 1200 and height > 600 and len(data) > 20_000, (width, height, len(data))
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
        ("const { prototype } = HTMLCanvasElement, old = prototype.getContext;"
         "prototype.getContext = function (kind, ...more) {"
         "return kind.startsWith('webgl') ? null : old.call(this, kind, ...more) }", "cannot draw in 3D"),
    ):  # fmt: skip
        browser.open(samples.report("demo"))
        browser.script(f"{action}; location.hash = '#/protein/{number}'")
        browser.wait("document.querySelector('.stage')?.dataset.state === 'none'", 10)
        assert text in browser.find(".stage-text").text, browser.find(".stage-text").text
        browser.wait("document.querySelector('.map').style.width !== ''", 5)
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
    ground = "return getComputedStyle(document.querySelector('.stage')).backgroundColor"
    assert browser.script(ground) == "rgb(255, 255, 255)"
    browser.wait("[...document.querySelectorAll('img.paper')].filter((image) => image.naturalWidth > 300).length === 2", 5)
    browser.script("dispatchEvent(new Event('afterprint'))")
    assert browser.script(ground) != "rgb(255, 255, 255)"
    assert browser.script("return document.querySelectorAll('img.paper').length") == 0
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
