// The index: what was run, totals, failed records, plots, filters, and the table.

/** The numbers of records without results. */
function failedRecords() {
  return [...report.records.keys()].filter((number) => report.records[number].status !== "ok");
}

function sum(values) {
  return values.reduce((total, value) => total + (typeof value === "number" ? value : 0), 0);
}

// === What was run ===

function totals() {
  const records = report.records, ok = records.filter((record) => record.status === "ok");
  const confidences = ok.map((record) => record.plddt).filter((plddt) => typeof plddt === "number");
  const failed = records.length - ok.length, mean = confidences.length ? sum(confidences) / confidences.length : null;
  const seconds = ok.map((record) => record.seconds), isTimed = seconds.some((value) => typeof value === "number");
  const tiles = [
    ["Records", grouped(records.length)], ["Folded", grouped(ok.length)],
    ["Failed", grouped(failed), failed > 0 ? "alarming" : null],
    ["Residues", grouped(sum(ok.map((record) => record.length)))],
    ["Mean pLDDT", fixed(mean, 1)], ["Time of folding", duration(isTimed ? sum(seconds) : null)],
  ];
  return el("dl", { class: "totals" }, tiles.map(([name, value, mark]) =>
    el("div", { class: mark ?? null }, el("dt", {}, name), el("dd", {}, value))));
}

/** When records of a run were made: one moment, or from the first to the last. */
function runTime(run) {
  const first = moment(run.first), last = moment(run.last);
  return first === last ? first : `${first} to ${last}`;
}

function runCard(run) {
  const rows = [
    ["Model", run.model], ["Program", run.program], ["Recycles", run.recycles], ["Precision", run.precision],
    ["Records", typeof run.count === "number" ? grouped(run.count) : null], ["Machine", run.machine],
    ["Date", run.first || run.last ? runTime(run) : null],
    ["Details", run.details?.length ? run.details.join("; ") : null],
    ["SHA-256 of the model", run.digest ? el("code", {}, run.digest) : null],
  ];
  const known = rows.filter(([, value]) => value !== null && value !== undefined);
  return el("dl", { class: "run" }, known.map(([name, value]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function runsSection() {
  if (report.runs.length === 0) return null;
  return el("section", { class: "runs", "aria-labelledby": "runs-heading" },
    el("h2", { id: "runs-heading" }, report.runs.length === 1 ? "Run" : `${grouped(report.runs.length)} runs`),
    report.runs.map(runCard));
}

/** Records without results with their reasons; many of them open on demand. */
function failedSection() {
  const failed = failedRecords();
  if (failed.length === 0) return null;
  const item = (number) => {
    const { name, status, message } = report.records[number];
    const reason = message || (status === "failed" ? "failed" : "cannot be read");
    return el("li", {}, el("strong", {}, name), el("span", {}, reason));
  };
  const first = failed.slice(0, 10), rest = failed.slice(10);
  return el("section", { class: "failures", "aria-labelledby": "failures-heading" },
    el("h2", { id: "failures-heading" }, failed.length === 1 ? "1 record has no structure" :
      `${grouped(failed.length)} records have no structure`),
    el("ul", {}, first.map(item)),
    rest.length === 0 ? null : lazyDetails(`${grouped(rest.length)} more`, () => el("ul", {}, rest.map(item))));
}

/** Details whose contents are made when they are opened first. */
function lazyDetails(title, contents) {
  const details = el("details", {}, el("summary", {}, title));
  details.addEventListener("toggle", () => details.append(contents()), { once: true });
  return details;
}

// === Filters ===

/** Two fields for the ends of a range. */
function rangeFields(legend, names, inputs) {
  return el("div", { class: "range", role: "group", "aria-label": legend },
    el("span", { class: "field-name", "aria-hidden": "true" }, legend),
    el("div", {}, inputs.map((input, index) => el("label", {}, names[index], input))));
}

/** The two numbers of a range, null where an end is open. */
function rangeOf(inputs) {
  return inputs.map((input) => input.value === "" ? null : input.valueAsNumber);
}

/**
 * The controls over the table. `onChange` gets what they allow: a truth for each record, or null where they allow all;
 * `onDownload` is called for the table as a file.
 */
class Filters {
  constructor(records) {
    this.records = records;
    this.onChange = this.onDownload = () => {};
    this.texts = records.map((record) => `${record.name}\n${record.header ?? ""}`.toLowerCase());
    this.classes = records.map((record) => confidenceClass(record.plddt));
    const number = (most) => el("input", { type: "number", min: 0, max: most, step: "any", inputmode: "decimal" });
    this.search = el("input", { type: "search", placeholder: "Words of names and headers", spellcheck: "false" });
    this.length = [number(null), number(null)];
    this.plddt = [number(100), number(100)];
    this.status = el("select", {}, ["all", ...new Set(records.map((record) => record.status))].map((status) =>
      el("option", { value: status }, status === "all" ? "All" : status)));
    this.chips = this.makeChips();
    this.count = el("p", { class: "count" });
    this.clear = el("button", { type: "button", disabled: true, onclick: () => this.reset() }, "Clear filters");
    this.makeElement();
    this.tell(records.length);
  }

  /** A button for each class that occurs, which is the legend as well. */
  makeChips() {
    return [3, 2, 1, 0, -1].filter((cls) => this.classes.includes(cls)).map((cls) => el("button", {
      type: "button", class: "chip", "aria-pressed": "false", "data-class": cls,
      onclick: (event) => {
        const chip = event.currentTarget;
        chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
        this.apply();
      },
    }, el("span", { class: `class-mark paint-${cls < 0 ? "none" : cls}` }), capitalised(className(cls)),
    cls < 0 ? null : el("span", { class: "quiet" }, confidenceClasses[cls].range)));
  }

  makeElement() {
    const hasClasses = this.classes.some((cls) => cls >= 0), hasStates = this.status.options.length > 2;
    this.element = el("form", { class: "filters", role: "search", "aria-label": "Filter the records",
      onsubmit: (event) => event.preventDefault(), oninput: () => this.apply() },
    el("label", { class: "search" }, el("span", { class: "field-name" }, "Search"), this.search),
    rangeFields("Length", ["from", "to"], this.length), rangeFields("Mean pLDDT", ["above", "up to"], this.plddt),
    hasStates
      ? el("label", { class: "status-choice" }, el("span", { class: "field-name" }, "Status"), this.status) : null,
    hasClasses
      ? el("div", { class: "chips", role: "group", "aria-label": "Class of mean pLDDT" }, this.chips) : null,
    el("div", { class: "outcome" }, this.count, this.clear,
      el("button", { type: "button", onclick: () => this.onDownload() }, "Download table (TSV)")));
  }

  reset() {
    for (const input of [this.search, ...this.length, ...this.plddt]) input.value = "";
    for (const chip of this.chips) chip.setAttribute("aria-pressed", "false");
    this.status.value = "all";
    this.apply();
    this.search.focus();
  }

  /** Sets the range of mean pLDDT; the same range again opens it. */
  chooseConfidence(above, upTo) {
    const isSame = rangeOf(this.plddt).every((value, index) => value === [above, upTo][index]);
    for (const [index, value] of [above, upTo].entries()) this.plddt[index].value = isSame ? "" : value ?? "";
    this.apply();
  }

  /** What a record must meet, from the controls that say anything. */
  conditions() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const [above, upTo] = rangeOf(this.plddt), [shortest, longest] = rangeOf(this.length);
    const pressed = this.chips.filter((chip) => chip.getAttribute("aria-pressed") === "true");
    const chosen = pressed.map((chip) => Number(chip.dataset.class));
    const { records, classes, texts } = this, status = this.status.value;
    return [
      words.length > 0 && ((number) => words.every((word) => texts[number].includes(word))),
      chosen.length > 0 && ((number) => chosen.includes(classes[number])),
      above !== null && ((number) => records[number].plddt !== null && records[number].plddt > above),
      upTo !== null && ((number) => records[number].plddt !== null && records[number].plddt <= upTo),
      shortest !== null && ((number) => records[number].length !== null && records[number].length >= shortest),
      longest !== null && ((number) => records[number].length !== null && records[number].length <= longest),
      status !== "all" && ((number) => records[number].status === status),
    ].filter(Boolean);
  }

  apply() {
    const conditions = this.conditions();
    const allowed = conditions.length === 0 ? null
      : this.records.map((_, number) => conditions.every((holds) => holds(number)));
    this.tell(allowed === null ? this.records.length : allowed.filter(Boolean).length);
    this.clear.disabled = conditions.length === 0;
    this.onChange(allowed);
    // Said after a pause, so that typing is not interrupted.
    clearTimeout(this.pause);
    this.pause = setTimeout(() => announce(`${this.count.textContent} shown`), 400);
  }

  tell(shown) {
    const total = this.records.length;
    const all = counted(total, "record");
    this.count.textContent = shown === total ? all : `${grouped(shown)} of ${all}`;
  }
}

function capitalised(text) {
  return text[0].toUpperCase() + text.slice(1);
}

// === The page ===

/** The rows that are shown, as tab-separated values. */
function tableText(numbers) {
  const columns = ["name", "header", "length", "chains", "plddt", "ptm", "iptm", "seconds", "status", "message"];
  const heads = columns.map((key) => key === "plddt" ? "mean_plddt" : key);
  const field = (value) => String(value ?? "NA").replace(/[\t\r\n]+/g, " ");
  const lines = numbers.map((number) => columns.map((key) => field(report.records[number][key])).join("\t"));
  return [heads.join("\t"), ...lines].join("\n") + "\n";
}

function makeIndex() {
  const table = new RecordTable(report.records, indexColumns(), "Records", (number) => {
    if (report.records[number].data) location.hash = recordLink(number);
  });
  const hasPlots = report.records.some((record) => typeof record.plddt === "number");
  const filters = new Filters(report.records);
  const choose = (above, upTo) => filters.chooseConfidence(above, upTo);
  const histogram = hasPlots ? new Histogram(report.records, choose) : null;
  const scatter = hasPlots ? new Scatter(report.records) : null;
  filters.onChange = (allowed) => {
    table.filter(allowed);
    scatter?.show(allowed);
    histogram?.mark(...rangeOf(filters.plddt));
  };
  filters.onDownload = () => download(`${report.title}.tsv`,
    new Blob([tableText(table.shown)], { type: "text/tab-separated-values" }));
  const records = report.records.length === 0
    ? el("p", { class: "nothing" }, "This report has no records: the folder had no results when it was made.")
    : el("section", { class: "all-records", "aria-labelledby": "records-heading" },
      el("h2", { id: "records-heading" }, "Records"), filters.element, table.element,
      report.records.length > printedRows
        ? el("p", { class: "only-print" }, `The first ${printedRows} rows of the table are printed.`) : null);
  const element = el("div", { class: "index" }, el("h1", {}, report.title), demoWarning(),
    report.records.length === 0 ? null : totals(), failedSection(), runsSection(),
    hasPlots ? el("div", { class: "plots" }, histogram.element, scatter.element) : null, records);
  return { element, table, histogram, scatter };
}

const index = { page: null, place: { window: 0, table: 0 } };

/** The index, made once and kept, so that filters, order and place are as they were when one comes back. */
function indexPage() {
  index.page ??= makeIndex();
  const { element, table, histogram, scatter } = index.page;
  return {
    element,
    shown() {
      histogram?.fit();
      scatter?.fit();
      table.element.scrollTop = index.place.table;
      table.draw();
      scrollTo(0, index.place.window);
    },
    left() {
      index.place = { window: scrollY, table: table.element.scrollTop };
    },
  };
}
