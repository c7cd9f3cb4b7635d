"""What the checks of a protein's page share: opening it, using its controls, and reading what it draws and says."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

from report_browser import Browser
from report_samples import Samples

DRAWN = "['drawn', 'none'].includes(document.querySelector('.stage')?.dataset.state)"
CHOICE = "return document.querySelector('.choice-text').textContent"
STAGE, MAP, OVERLAY = ".stage-canvas canvas", ".map", ".map-overlay"
ORANGE, TEAL, BLUE = (255, 165, 0), (0, 185, 138), (0, 83, 214)

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
  const range = high - low;
  return 60 * (high === r ? ((g - b) / range + 6) % 6 : high === g ? (b - r) / range + 2 : (r - g) / range + 4);
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
        "const fields = [...document.querySelectorAll('.field')];"
        "const select = fields.find((field) => field.innerText.startsWith(arguments[0])).querySelector('select');"
        "select.value = arguments[1];"
        "select.dispatchEvent(new Event('change'))", label, value)  # fmt: skip


def press_button(browser: Browser, text: str) -> None:
    element = browser.script(
        "const buttons = [...document.querySelectorAll('.protein button')];"
        "return buttons.find((button) => button.textContent.startsWith(arguments[0]))", text)  # fmt: skip
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
        "const letters = [...document.querySelectorAll('.letter.' + arguments[0])];"
        "return letters.map((letter) => Number(letter.dataset.at))", kind)  # fmt: skip


def no_complaint(browser: Browser) -> None:
    assert browser.errors() == [], browser.errors()
    assert browser.requests() == [], browser.requests()


def map_size(browser: Browser) -> tuple[float, float, float]:
    """Left, upper edge and side of the map in its canvas, for a protein without or with several chains."""
    width, chains = browser.script(
        "return [document.querySelector('.map-overlay').clientWidth, document.querySelectorAll('.chain-name').length]")
    return 58, 30 if chains else 12, width - 58 - 16
