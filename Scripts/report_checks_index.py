"""Checks of a report's frame and index in a real browser."""

from __future__ import annotations

from report_browser import Browser, check
from report_samples import Samples


@check("index: no message of the console and no request")
def silent(browser: Browser, samples: Samples) -> None:
    for name in ("demo", "hostile", "one", "empty", "failed"):
        browser.open(samples.report(name))
        assert browser.errors() == [], f"{name}: {browser.errors()}"
        assert browser.requests() == [], f"{name}: {browser.requests()}"
