"""A real browser for the checks of reports: Debian's Chromium, driven by Debian's python3-selenium and chromium-driver.

A check is a function of a browser and of `Samples` (report_samples.py) that is registered with `@check("what it shows")`
and fails by an AssertionError; Scripts/test-report runs all of them.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-dev-shm-usage", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--hide-scrollbars", "--force-device-scale-factor=1", "--no-first-run", "--disable-background-networking",
)  # fmt: skip
# The driver of the graphics card speaks in the console, too; that is not the page's doing.
NOT_THE_PAGE = re.compile(r"GL Driver Message|Automatic fallback to software WebGL|GPU stall due to ReadPixels")
KEYS = {
    "Enter": Keys.ENTER, "Tab": Keys.TAB, "Escape": Keys.ESCAPE, "Space": Keys.SPACE, "Backspace": Keys.BACKSPACE,
    "ArrowUp": Keys.ARROW_UP, "ArrowDown": Keys.ARROW_DOWN, "ArrowLeft": Keys.ARROW_LEFT, "ArrowRight": Keys.ARROW_RIGHT,
    "PageUp": Keys.PAGE_UP, "PageDown": Keys.PAGE_DOWN, "Home": Keys.HOME, "End": Keys.END, "Delete": Keys.DELETE,
}  # fmt: skip
MODIFIERS = {"Shift": Keys.SHIFT, "Control": Keys.CONTROL, "Alt": Keys.ALT}

# Name, and function of a browser and the samples.
CHECKS: list[tuple[str, Callable]] = []


def check(name: str) -> Callable:
    """Registers a check under a name that says what it shows."""

    def register(function: Callable) -> Callable:
        CHECKS.append((name, function))
        return function

    return register


class Browser:
    """One window. `downloads` is the folder where files land."""

    def __init__(self, screenshots: Path | None = None):
        self._temporary = tempfile.TemporaryDirectory(prefix="report-browser-")
        folder = Path(self._temporary.name)
        self.downloads = folder / "downloads"
        self.downloads.mkdir()
        self.screenshots = screenshots or folder / "screenshots"
        self.screenshots.mkdir(parents=True, exist_ok=True)
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
            options.add_argument(flag)
        options.add_experimental_option("prefs", {
            "download.default_directory": str(self.downloads), "download.prompt_for_download": False,
        })  # fmt: skip
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        # A dialog is found in the log; the window goes on.
        options.set_capability("unhandledPromptBehavior", "dismiss")
        self._driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        self._driver.set_script_timeout(30)
        self._page = ""
        self._messages: list[str] = []
        self._requests: list[str] = []

    def close(self) -> None:
        self._driver.quit()
        self._temporary.cleanup()

    def open(
        self, path: Path | str, size: tuple[int, int] = (1400, 900), theme: str = "light",
        wait: str = "document.documentElement.dataset.page",
    ) -> None:  # fmt: skip
        """Opens a file, which may have a fragment (`report.html#/protein/7`), in a window of a size and with the system's
        theme, and waits until a JavaScript condition holds. Choices of earlier pages are forgotten."""
        file, _, fragment = str(path).partition("#")
        self._driver.get("about:blank")  # Otherwise another fragment of the same file would not load it again.
        self._read_logs()
        self._messages, self._requests = [], []
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": theme}]
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self._driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "file://", "storageTypes": "local_storage"})
        self._page = Path(file).resolve().as_uri()
        self._driver.get(self._page + (f"#{fragment}" if fragment else ""))
        self.wait(wait, 30)

    def script(self, js: str, *arguments: object) -> object:
        """Runs JavaScript, the body of a function of `arguments`; a promise that it returns is awaited."""
        return self._driver.execute_script(js, *arguments)

    def find(self, css: str):
        """The first element that matches; raises where there is none."""
        return self._driver.find_element(By.CSS_SELECTOR, css)

    def wait(self, js_condition: str, seconds: float = 10) -> None:
        """Waits until a JavaScript expression is true."""
        end = time.monotonic() + seconds
        while not self.script(f"return Boolean({js_condition})"):
            assert time.monotonic() < end, f"not true after {seconds} s: {js_condition}"
            time.sleep(0.03)

    def press(self, keys: str) -> None:
        """Presses a key by its name ("Enter", "Shift+ArrowRight"), or types a text, where the focus is."""
        *modifiers, key = keys.split("+") if keys.split("+")[0] in MODIFIERS else [keys]
        actions = ActionChains(self._driver)
        for modifier in modifiers:
            actions.key_down(MODIFIERS[modifier])
        actions.send_keys(KEYS.get(key, key))
        for modifier in modifiers:
            actions.key_up(MODIFIERS[modifier])
        actions.perform()

    def drag(self, element, from_xy: tuple[float, float], to_xy: tuple[float, float]) -> None:
        """Drags the pressed mouse between two places, which count from the element's upper left corner."""
        left, top = self._corner(element)
        actions = ActionBuilder(self._driver, duration=60)
        middle = tuple((a + b) / 2 for a, b in zip(from_xy, to_xy, strict=True))
        actions.pointer_action.move_to_location(round(left + from_xy[0]), round(top + from_xy[1]))
        actions.pointer_action.pointer_down()
        for x, y in (middle, to_xy):
            actions.pointer_action.move_to_location(round(left + x), round(top + y))
        actions.pointer_action.pointer_up()
        actions.perform()

    def hover(self, element, at_xy: tuple[float, float]) -> None:
        """Moves the mouse to a place, which counts from the element's upper left corner."""
        left, top = self._corner(element)
        actions = ActionBuilder(self._driver, duration=30)
        actions.pointer_action.move_to_location(round(left + at_xy[0]), round(top + at_xy[1]))
        actions.perform()

    def click(self, element) -> None:
        """Clicks the middle of an element."""
        left, top = self._corner(element)
        width, height = self.script("const r = arguments[0].getBoundingClientRect(); return [r.width, r.height]", element)
        actions = ActionBuilder(self._driver, duration=30)
        actions.pointer_action.move_to_location(round(left + width / 2), round(top + height / 2))
        actions.pointer_action.click()
        actions.perform()

    def _corner(self, element) -> tuple[float, float]:
        """Where an element is in the window, after scrolling to it where it is not all seen."""
        return self.script(
            "const seen = (r) => r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight && r.right <= innerWidth;"
            "const e = arguments[0]; if (!seen(e.getBoundingClientRect())) e.scrollIntoView({block: 'center'});"
            "const r = e.getBoundingClientRect(); return [r.left, r.top]", element)  # fmt: skip

    def screenshot(self, name: str) -> Path:
        """Saves what the window shows as NAME.png."""
        path = self.screenshots / f"{name}.png"
        self._driver.save_screenshot(str(path))
        return path

    def errors(self) -> list[str]:
        """Errors and warnings of the console since the page was opened, and dialogs that it opened."""
        self._read_logs()
        return self._messages

    def requests(self) -> list[str]:
        """What the page requested beside its own file, data: and blob:."""
        self._read_logs()
        others = (url for url in self._requests if url.split("#")[0] != self._page)
        return [url for url in others if not url.startswith(("data:", "blob:"))]

    def _read_logs(self) -> None:
        for entry in self._driver.get_log("browser"):
            if entry["level"] in ("SEVERE", "WARNING") and not NOT_THE_PAGE.search(entry["message"]):
                self._messages.append(entry["message"])
        for entry in self._driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self._requests.append(message["params"]["request"]["url"])
            elif message["method"] == "Page.javascriptDialogOpening":
                self._messages.append(f"dialog: {message['params']['message']}")

    def wait_download(self, name: str, seconds: float = 10) -> Path:
        """Waits until a file has been downloaded."""
        path, end = self.downloads / name, time.monotonic() + seconds
        while not path.is_file() or list(self.downloads.glob("*.crdownload")):
            found = sorted(p.name for p in self.downloads.iterdir())
            assert time.monotonic() < end, f"{name} was not downloaded; there are {found}"
            time.sleep(0.05)
        return path
