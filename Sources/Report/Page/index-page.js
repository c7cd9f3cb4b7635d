// The index: what was run, totals, failed records, plots, and the table.

/** The index, made once and kept, so that filters stay as they were when one comes back. */
function indexPage() {
  const element = el("div", {}, el("h1", {}, report.title), demoWarning(),
    el("ul", {}, report.records.slice(0, 100).map((record, number) =>
      el("li", {}, el("a", { href: recordLink(number) }, record.name)))));
  return { element, shown() {}, left() {} };
}
