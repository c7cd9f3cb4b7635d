"""Checks of a report's frame and of its index in a real browser."""

from __future__ import annotations

import re

from report_browser import Browser, check
from report_samples import HOSTILE, Samples

# Names of the rows that exist, from above.
NAMES = """return [...document.querySelectorAll(".records tbody tr")]
    .sort((a, b) => a.getAttribute("aria-rowindex") - b.getAttribute("aria-rowindex"))
    .map((row) => row.querySelector(".column-name").textContent)"""
FOCUSED = "return document.activeElement.tagName"


def texts(browser: Browser, css: str) -> list[str]:
    return browser.script("return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", css)


def set_field(browser: Browser, css: str, value: object) -> None:
    """Fills in a field as typing does."""
    browser.script(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
        browser.find(css), str(value))  # fmt: skip


def total(browser: Browser) -> int:
    """The number of records in the table, also of those without a row at present."""
    return int(browser.find(".records").get_attribute("aria-rowcount")) - 1


def natural(text: str) -> list:
    """p2 comes before p10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]


def in_order(records: list[dict], key: str, descending: bool) -> list[dict]:
    """As the table must have them: those without a value last, others with equal values in the order of before."""
    known = [record for record in records if record[key] is not None]
    known.sort(key=lambda record: natural(record[key]) if key == "name" else record[key], reverse=descending)
    return known + [record for record in records if record[key] is None]


@check("index: neither a message of the console nor a request nor a dialog, for each kind of report")
def silent(browser: Browser, samples: Samples) -> None:
    for name in ("demo", "hostile", "one", "empty", "failed", "many"):
        browser.open(samples.report(name))
        browser.screenshot(f"index-{name}")
        assert browser.errors() == [], f"{name}: {browser.errors()}"
        assert browser.requests() == [], f"{name}: {browser.requests()}"


@check("index: the policy of the page blocks scripts, styles, pictures and connections from elsewhere")
def policy(browser: Browser, samples: Samples) -> None:
    browser.open(samples.report("demo"))
    blocked = browser.script("""
        const blocked = new Set();
        document.addEventListener("securitypolicyviolation", (event) => blocked.add(event.effectiveDirective));
        const place = "https://127.0.0.1/a";
        document.head.append(el("script", {src: place}), el("link", {rel: "stylesheet", href: place}));
        document.body.append(el("img", {src: place}), el("span", {style: "color: red"}));
        const inline = document.createElement("script");
        inline.textContent = "globalThis.wasRun = true";
        document.head.append(inline);
        const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
        return fetch(place).catch(pause).then(() => [[...blocked].sort(), globalThis.wasRun ?? false])""")
    expected = ["connect-src", "img-src", "script-src-elem", "style-src-attr", "style-src-elem"]
    assert blocked == [expected, False], blocked
    assert browser.errors(), "the harness does not see messages of the console"


@check("index: says what was run, totals, and the warning of the demo model")
def summary(browser: Browser, samples: Samples) -> None:
    browser.open(samples.report("demo"))
    data = samples.data("demo")
    records, run = data["records"], data["runs"][0]
    values = dict(zip(texts(browser, ".totals dt"), texts(browser, ".totals dd"), strict=True))
    assert [values[key] for key in ("Records", "Folded", "Failed")] == ["20", "20", "0"], values
    assert re.sub(r"\D", "", values["Residues"]) == str(sum(record["length"] for record in records)), values
    mean = sum(record["plddt"] for record in records) / len(records)
    assert abs(float(values["Mean pLDDT"]) - mean) <= 0.051, values
    facts = dict(zip(texts(browser, ".run dt"), texts(browser, ".run dd"), strict=True))
    for name, key in (("Model", "model"), ("SHA-256 of the model", "digest"), ("Precision", "precision")):
        assert facts[name] == run[key], (name, facts)
    assert facts.get("Machine") == run["machine"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC( to .*)?", facts["Date"]), facts
    assert texts(browser, "[role=note]")[0].startswith("The demo model memorises 20 small proteins"), "no warning"
    assert browser.script("return document.title").endswith(data["title"])
    assert data["program"] in texts(browser, "#colophon")[0]
    assert "ipTM" not in texts(browser, ".records th"), "a column without values"
    assert texts(browser, ".records .strip") == [""] * 20
    label = browser.find(".records .strip").get_attribute("aria-label")
    assert re.match(r"pLDDT along the sequence: very high \d+ %", label), label


@check("index: sorts by each column in both directions, records without a value last")
def sorting(browser: Browser, samples: Samples) -> None:
    for name, keys in (
        ("demo", ("name", "length", "plddt", "ptm", "seconds", "status")),
        ("hostile", ("length", "chains", "plddt", "ptm", "iptm", "seconds", "status")),
    ):
        browser.open(samples.report(name))
        records = samples.data(name)["records"]
        for key in keys:
            expected = records
            for state in ("ascending", "descending"):
                browser.click(browser.find(f"button[data-sort={key}]"))
                assert browser.find(f"th.column-{key}").get_attribute("aria-sort") == state, key
                expected = in_order(expected, key, state == "descending")
                found = browser.script(NAMES)
                assert found == [record["name"] for record in expected], (name, key, state, found)
            browser.click(browser.find(f"button[data-sort={key}]"))
            assert browser.script(NAMES) == [record["name"] for record in records], f"{key}: the report's order"
            assert browser.find(f"th.column-{key}").get_attribute("aria-sort") == "none"
    browser.open(samples.report("many"))
    for _ in range(2):
        browser.click(browser.find("button[data-sort=name]"))
    assert browser.script(NAMES)[0] == "protein_2000"


@check("index: filters by words, class, length, pLDDT and status, and says what is left")
def filtering(browser: Browser, samples: Samples) -> None:
    browser.open(samples.report("many"))
    records = samples.data("many")["records"]
    set_field(browser, "input[type=search]", "KINASE tein_00")
    expected = [r for r in records if "kinase" in r["header"] and r["name"].startswith("protein_00")]
    assert total(browser) == len(expected) > 0
    assert browser.script(NAMES)[:5] == [record["name"] for record in expected[:5]]
    browser.wait(f"document.getElementById('announcements').textContent.startsWith('{len(expected)} of')")
    set_field(browser, "input[type=search]", "")
    for cls, holds in ((3, lambda p: p > 90), (0, lambda p: p <= 50)):
        chip = browser.find(f".chip[data-class='{cls}']")
        browser.click(chip)
        assert chip.get_attribute("aria-pressed") == "true"
        assert total(browser) == sum(holds(record["plddt"]) for record in records)
        browser.click(chip)
    set_field(browser, "[aria-label=Length] input", 300)
    assert total(browser) == sum(record["length"] >= 300 for record in records)
    set_field(browser, "[aria-label=Length] label:last-child input", 360)
    assert total(browser) == sum(300 <= record["length"] <= 360 for record in records)
    set_field(browser, "[aria-label='Mean pLDDT'] input", 70)
    left = [r for r in records if 300 <= r["length"] <= 360 and r["plddt"] > 70]
    assert total(browser) == len(left)
    set_field(browser, "input[type=search]", "no such words")
    assert total(browser) == 0 and browser.script(NAMES) == []
    content = "return getComputedStyle(document.querySelector('.records tbody'), '::after').content"
    assert "No record matches" in browser.script(content)
    browser.screenshot("index-nothing-left")
    clear = browser.find(".outcome button")
    browser.click(clear)
    assert total(browser) == 2000 and clear.get_attribute("disabled")

    browser.open(samples.report("hostile"))
    set_field(browser, ".status-choice select", "failed")
    assert browser.script(NAMES) == ["dna"]


@check("index: failed records are listed with their reasons, and in the table; their pages say why")
def failures(browser: Browser, samples: Samples) -> None:
    browser.open(samples.report("hostile"))
    records = samples.data("hostile")["records"]
    number = next(i for i, record in enumerate(records) if record["status"] == "failed")
    message = records[number]["message"]
    assert "found 32 nucleotides" in message
    assert texts(browser, ".failures li span") == [message]
    row = f".records tr[data-number='{number}']"
    assert texts(browser, f"{row} .reason") == [message] and texts(browser, f"{row} a") == []
    browser.open(f"{samples.report('hostile')}#/protein/{number}")
    assert message in texts(browser, "main")[0]
    browser.open(samples.report("failed"))
    assert len(texts(browser, ".failures li")) == 10
    browser.click(browser.find(".failures summary"))
    browser.wait("document.querySelectorAll('.failures li').length === 20")
    assert browser.script("return document.querySelectorAll('.plot').length") == 0


@check("index: names and headers that look like markup are text")
def hostile(browser: Browser, samples: Samples) -> None:
    browser.open(samples.report("hostile"))
    headers = texts(browser, ".records .column-header")
    for header, _ in HOSTILE[1:3]:
        assert header in headers, headers
    made = "return document.querySelectorAll('main img, main script, main iframe').length"
    assert browser.script(made) == 0
    scripts = "return [...document.scripts].filter((script) => script.type === '').length"
    assert browser.script(scripts) == 1
    set_field(browser, "input[type=search]", "<script>")
    assert total(browser) == 2
    for number, record in enumerate(samples.data("hostile")["records"]):
        browser.open(f"{samples.report('hostile')}#/protein/{number}")
        assert browser.script(made) == 0 and browser.script(scripts) == 1, record["name"]
        assert record["name"] in texts(browser, "main")[0]
        assert [text for text in browser.errors() if "dialog" in text] == []


@check("index: the bars of the histogram filter, by mouse and keyboard")
def histogram(browser: Browser, samples: Samples) -> None:
    browser.open(samples.report("many"))
    records = samples.data("many")["records"]
    for above in (60, 90):
        bar = browser.find(f".bar[data-above='{above}']")
        inside = sum(above < record["plddt"] <= above + 5 for record in records)
        assert f"mean pLDDT above {above} up to {above + 5}" in bar.get_attribute("aria-label")
        browser.click(bar)
        assert total(browser) == inside > 0 and bar.get_attribute("aria-pressed") == "true"
    assert browser.script("return document.querySelectorAll('.point.faded').length") == 2000 - inside
    browser.script("arguments[0].focus()", bar)
    assert "pLDDT above 90 up to 95" in texts(browser, ".plot-tip")[0]
    browser.press("Enter")
    assert total(browser) == 2000 and bar.get_attribute("aria-pressed") == "false"


@check("index: the points of the plot are links, by mouse and keyboard, also when there are many")
def points(browser: Browser, samples: Samples) -> None:
    data = samples.data("demo")["records"]
    browser.open(samples.report("demo"))
    assert len(texts(browser, "a.point")) == 20
    shortest = min(range(20), key=lambda number: (data[number]["length"], data[number]["plddt"]))
    browser.script("document.querySelector('a.point[tabindex=\"0\"]').focus()")
    assert browser.script("return document.activeElement.getAttribute('href')") == f"#/protein/{shortest}"
    assert data[shortest]["name"] in texts(browser, ".plot-tip")[1]
    browser.press("End")
    longest = max(range(20), key=lambda number: (data[number]["length"], data[number]["plddt"]))
    assert browser.script("return document.activeElement.getAttribute('href')") == f"#/protein/{longest}"
    point = browser.find(f"a.point[href='#/protein/{shortest}']")
    browser.hover(point, (4, 4))
    assert data[shortest]["name"] in texts(browser, ".plot-tip")[1]
    browser.click(point)
    browser.wait(f"location.hash === '#/protein/{shortest}'")

    browser.open(samples.report("huge"))
    assert len(texts(browser, "a.point")) == 1, "one link that moves"
    assert browser.script("""
        const canvas = document.querySelector(".plot canvas"), context = canvas.getContext("2d");
        return context.getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0)""")
    x, y = browser.script("return index.page.scatter.places[5000]")
    browser.hover(browser.find(".plot canvas"), (x, y))
    assert "residues, pLDDT" in texts(browser, ".plot-tip")[1]
    found = browser.find("a.point").get_attribute("href")
    browser.script("document.querySelector('a.point').focus()")
    browser.press("ArrowRight")
    assert browser.find("a.point").get_attribute("href") != found
    browser.press("Enter")
    browser.wait("location.hash.startsWith('#/protein/')")


ACTIVE_IS_SEEN = """
const row = document.querySelector("tr.active").getBoundingClientRect();
const heads = document.querySelector(".records thead").getBoundingClientRect();
return row.top >= heads.bottom - 1 && row.bottom <= innerHeight + 1"""


@check("index: the table by keyboard: arrows, Page, Home, End, Enter; the way back keeps filters, order and place")
def keyboard(browser: Browser, samples: Samples) -> None:
    browser.open(samples.report("many"))
    set_field(browser, "input[type=search]", "kinase")
    browser.click(browser.find("button[data-sort=length]"))
    browser.script("document.querySelector('.records th button').focus()")
    browser.press("Shift+Tab")
    shown = total(browser)
    active = """const id = document.querySelector(".records").getAttribute("aria-activedescendant");
        return document.getElementById(id).getAttribute("aria-rowindex") - 2"""
    last = shown - 1
    steps = (("Home", 0), ("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("End", last), ("ArrowDown", last))
    assert browser.script(active) == 0, "no active row at first"
    for key, place in steps:
        browser.press(key)
        assert browser.script(active) == place, (key, browser.script(active))
    browser.press("PageUp")
    assert shown - 40 < browser.script(active) < shown - 8
    chosen = "return document.querySelector('tr.active .column-name').textContent"
    name = browser.script(chosen)
    assert browser.script(ACTIVE_IS_SEEN)
    browser.screenshot("index-active-row")
    places = "return [scrollY, document.querySelector('.scroller').scrollTop]"
    before = browser.script(places)
    browser.press("Enter")
    browser.wait("document.documentElement.dataset.page && location.hash !== '' && location.hash !== '#/'")
    browser.wait(f"document.title.startsWith('{name}')")
    assert browser.script(FOCUSED) == "H1"
    browser.script("history.back()")
    browser.wait("document.documentElement.dataset.page === 'index'")
    assert total(browser) == shown
    assert browser.find("th.column-length").get_attribute("aria-sort") == "ascending"
    assert browser.script(places) == before and browser.script(chosen) == name
    assert browser.script(FOCUSED) == "H1" and "many" in browser.script("return document.title")

    # A short table has no scroller of its own; the window follows.
    browser.open(samples.report("demo"), size=(1400, 500))
    browser.script("document.querySelector('.records').focus({preventScroll: true})")
    browser.press("End")
    assert browser.script(active) == 19 and browser.script(ACTIVE_IS_SEEN)


TIMES = """
const table = index.page.table, search = document.querySelector("input[type=search]"), times = {};
const measure = (action) => {
  const start = performance.now();
  action();
  document.body.offsetHeight;  // The layout counts.
  return performance.now() - start;
};
const type = (text) => { search.value = text; search.dispatchEvent(new Event("input", { bubbles: true })); };
for (const key of ["name", "plddt", "strip"]) times[`sort by ${key}`] = measure(() => table.sortBy(key));
times.filter = measure(() => type("helix 1"));
times["no filter"] = measure(() => type(""));
const steps = Array.from({ length: 21 }, () => measure(() => { table.element.scrollTop += 997; table.draw(); }));
times.scrolling = steps.sort((a, b) => a - b)[10];
return times"""


@check("index: 2,000 records are usable within 2 s, 10,000 within 4 s; few rows exist; sorting and filtering are quick")
def sizes(browser: Browser, samples: Samples) -> None:
    rows = "return document.querySelectorAll('.records tbody tr').length"
    for name, count, limit in (("many", 2000, 2000), ("huge", 10000, 4000)):
        browser.open(samples.report(name), wait="performance.getEntriesByName('usable').length > 0")
        usable = browser.script("return performance.getEntriesByName('usable')[0].startTime")
        assert usable < limit, f"{name}: usable after {usable:.0f} ms"
        assert total(browser) == count and 10 < browser.script(rows) < 60, browser.script(rows)
        times = browser.script(TIMES)
        print(f"  {count} records: usable after {usable:.0f} ms;", ", ".join(f"{k} {v:.0f} ms" for k, v in times.items()))
        # Half a second where a machine has other things to do.
        assert max(times.values()) < 500, times
        browser.script("document.querySelector('.scroller').scrollTop = 38 * 1500")
        browser.wait("document.querySelector('.records tr[aria-rowindex=\"1502\"]')")
        assert browser.script(rows) < 60
        height = "return document.querySelector('.records tr[aria-rowindex=\"1505\"]').getBoundingClientRect().height"
        assert browser.script(height) == 38


@check("index: narrow screens have no horizontal scrolling, and sort as well")
def narrow(browser: Browser, samples: Samples) -> None:
    for name in ("demo", "hostile", "many", "failed", "empty", "one"):
        for width in (390, 320, 800, 1000):
            browser.open(samples.report(name), size=(width, 844))
            found = browser.script("return [document.scrollingElement.scrollWidth, innerWidth]")
            assert found[0] <= found[1], (name, width, found)
        browser.open(samples.report(name), size=(390, 844), theme="dark")
        browser.screenshot(f"index-{name}-narrow-dark")
    browser.open(samples.report("demo"), size=(390, 844))
    cut = """return [...document.querySelectorAll(".records tbody tr")].filter((row) => [...row.children].some((cell) =>
        cell.offsetHeight && cell.getBoundingClientRect().bottom > row.getBoundingClientRect().bottom)).length"""
    assert browser.script(cut) == 0, "cells outside of their row"
    browser.click(browser.find("button[data-sort=plddt]"))
    lowest = min(samples.data("demo")["records"], key=lambda record: record["plddt"])
    assert browser.script(NAMES)[0] == lowest["name"]


@check("index: theme and palette follow the choice, and are remembered")
def appearances(browser: Browser, samples: Samples) -> None:
    paper = "return getComputedStyle(document.body).backgroundColor"
    browser.open(samples.report("demo"), theme="dark")
    dark = browser.script(paper)
    browser.open(samples.report("demo"), theme="light")
    assert browser.script(paper) == "rgb(255, 255, 255)" != dark
    theme, palette = "#masthead label:nth-child(1) select", "#masthead label:nth-child(2) select"
    choose = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change'))"
    browser.script(choose, browser.find(theme), "dark")
    assert browser.script(paper) == dark
    fill = "return getComputedStyle(document.querySelector('.records .strip path')).fill"
    before = browser.script(fill)
    browser.script(choose, browser.find(palette), "cividis")
    assert browser.script(fill) != before
    browser.script("location.reload()")
    browser.wait("document.documentElement.dataset.page")
    assert browser.script(paper) == dark and browser.script(fill) != before
    assert browser.script("return arguments[0].value", browser.find(theme)) == "dark"
    browser.screenshot("index-dark-cividis")


@check("index: the table as filtered can be downloaded")
def table_download(browser: Browser, samples: Samples) -> None:
    browser.open(samples.report("hostile"))
    set_field(browser, "input[type=search]", "script")
    browser.click(browser.find(".outcome button:last-child"))
    lines = browser.wait_download("hostile.tsv").read_text().splitlines()
    assert lines[0].split("\t")[:5] == ["name", "header", "length", "chains", "mean_plddt"]
    assert [line.split("\t")[1] for line in lines[1:]] == [header for header, _ in HOSTILE[1:3]], lines
    assert browser.errors() == []


@check("frame: unknown addresses and numbers get a clear message with the demo model's warning; the title follows")
def addresses(browser: Browser, samples: Samples) -> None:
    cases = (("#/nothing", "no page #/nothing"), ("#/protein/99", "no record 99"), ("#/protein/x", "no page"))
    for fragment, words in cases:
        browser.open(f"{samples.report('demo')}{fragment}")
        assert words in texts(browser, "main")[0], texts(browser, "main")
        assert "The demo model" in texts(browser, "main [role=note]")[0]
        browser.click(browser.find(".message a"))
        browser.wait("document.documentElement.dataset.page === 'index'")
        assert browser.script(FOCUSED) == "H1" and browser.errors() == []
    browser.press("Tab")
    browser.script("document.querySelector('.skip').focus()")
    browser.press("Enter")
    assert browser.script("return document.activeElement.id") == "main" and browser.script("return location.hash") == "#/"


@check("frame: a folder of data scripts is read from file://, and a missing script is said")
def folder(browser: Browser, samples: Samples) -> None:
    browser.open(samples.report("many"))
    files, stamp = samples.data("many")["files"], samples.data("many")["stamp"]
    assert files is not None
    loaded = browser.script("return loadRecord(7).then((r) => [r.residues.length, r.errors.size])")
    assert loaded == [samples.data("many")["records"][7]["length"]] * 2, loaded
    assert [url.rsplit("/", 2)[1:] for url in browser.requests()] == [[files, f"7-{stamp}.js"]], browser.requests()
    assert browser.errors() == []
    message = browser.script("return storedRecord(9999).then(() => 'loaded', (error) => error.message)")
    assert f"{files}/9999-{stamp}.js cannot be read" in message, message


@check("index: printing shows rows of the whole table and no controls")
def printing(browser: Browser, samples: Samples) -> None:
    browser.open(samples.report("many"))
    browser.script("dispatchEvent(new Event('beforeprint'))")
    assert browser.script("return document.querySelectorAll('.records tbody tr').length") == 500
    browser.script("dispatchEvent(new Event('afterprint'))")
    assert browser.script("return document.querySelectorAll('.records tbody tr').length") < 60


@check("index: what has a role has a name; text has contrast in both themes")
def names_and_contrast(browser: Browser, samples: Samples) -> None:
    nameless = """
        const named = (e) => e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.textContent.trim()
            || [...(e.labels ?? [])].some((label) => label.textContent.trim());
        const css = "button, a, input, select, section" +
            ["button", "group", "grid", "search", "img"].map((role) => `, [role=${role}]`).join("");
        return [...document.querySelectorAll(css)].filter((e) => !named(e)).map((e) => e.outerHTML.slice(0, 120))"""
    # The contrast of each text with the paint under it, after WCAG.
    pale = """
        const parse = (text) => text.match(/[\\d.]+/g).map(Number);
        const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
        const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
        const under = (e) => {
            for (; e; e = e.parentElement) {
                const paint = parse(getComputedStyle(e).backgroundColor);
                if (paint.length === 3 || paint[3] === 1) return paint;
            }
            return [255, 255, 255];
        };
        const found = new Set();
        for (const e of document.querySelectorAll("body *")) {
            if (![...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
            if (e.closest("script, style, noscript, .skip, .unseen, :disabled, option")) continue;
            if (e.getClientRects().length === 0) continue;
            const style = getComputedStyle(e), paper = light(under(e));
            const ink = light(parse(e.ownerSVGElement ? style.fill : style.color));
            const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
            if (ratio < 4.5) found.add(`${e.tagName} ${e.className} ${ratio.toFixed(2)}`);
        }
        return [...found]"""
    for theme in ("light", "dark"):
        for name in ("hostile", "many"):
            browser.open(samples.report(name), theme=theme)
            assert browser.script(nameless) == [], browser.script(nameless)
            assert browser.script(pale) == [], (theme, browser.script(pale))
