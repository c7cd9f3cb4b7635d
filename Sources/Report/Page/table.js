// A table of many records of which only the rows that are seen exist. It can be sorted by each column and walked by
// keyboard: the table has the focus, and one of its rows is the active one.

const tallScreen = matchMedia("(min-width: 721px)");
const printedRows = 500;

/** Whole numbers to sort texts by, in an order without regard to case in which p2 comes before p10. */
function textRanks(texts) {
  // Comparing plain strings is ten times as fast as a collator.
  const keys = texts.map((text) => text?.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, "0")) ?? null);
  const ranks = new Map([...new Set(keys)].filter((key) => key !== null).sort().map((key, rank) => [key, rank]));
  return keys.map((key) => key === null ? null : ranks.get(key));
}

/**
 * `columns` have a key, a title, `value(record)` to sort by (a number, a text or null), `cell(record, number)` (a node
 * or a text), and `track`, their width for a grid. `opened(number)` is called for the row that someone chooses.
 */
class RecordTable {
  constructor(records, columns, label, opened) {
    Object.assign(this, { records, columns, opened });
    this.ranks = new Map();
    this.sorting = { key: null, descending: false };
    this.order = records.map((_, number) => number);
    this.allowed = null;
    this.shown = this.order;
    this.active = -1;
    this.rows = new Map();
    this.makeElements(label);
    this.listen();
    this.redraw();
  }

  makeElements(label) {
    this.headers = this.columns.map((column) => el("th", {
      role: "columnheader", scope: "col", class: `column-${column.key}`, "aria-sort": "none",
    }, el("button", {
      type: "button", "data-sort": column.key, title: column.hint ?? null, onclick: () => this.sortBy(column.key),
    }, column.title, el("span", { class: "arrow", "aria-hidden": "true" }))));
    this.body = el("tbody", { role: "rowgroup" });
    this.table = el("table", {
      role: "grid", tabindex: 0, class: "records", "aria-label": label, "aria-colcount": this.columns.length,
      "aria-readonly": "true",
    }, el("thead", { role: "rowgroup" }, el("tr", { role: "row", "aria-rowindex": 1 }, this.headers)), this.body);
    this.table.style.setProperty("--tracks", this.columns.map((column) => column.track).join(" "));
    this.table.style.setProperty("--status", this.columns.findIndex((column) => column.key === "status") + 1);
    this.element = el("div", { class: "scroller" }, this.table);
    this.element.classList.toggle("long", this.records.length > 25);
  }

  listen() {
    this.element.addEventListener("scroll", () => this.draw(), { passive: true });
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.table.addEventListener("focus", () => this.enter());
    this.body.addEventListener("click", (event) => this.click(event));
    new ResizeObserver(() => this.draw()).observe(this.element);
    tallScreen.addEventListener("change", () => this.redraw());
    addEventListener("beforeprint", () => { this.printing = true; this.redraw(); });
    addEventListener("afterprint", () => { this.printing = false; this.redraw(); });
  }

  get rowHeight() {
    return tallScreen.matches ? 38 : 92;
  }

  // === What is shown, in which order ===

  /** The values of a column to sort by, by record; computed when first needed. */
  sortValues(key) {
    if (!this.ranks.has(key)) {
      const column = this.columns.find((column) => column.key === key);
      const values = this.records.map(column.value);
      this.ranks.set(key, values.some((value) => typeof value === "string") ? textRanks(values) : values);
    }
    return this.ranks.get(key);
  }

  /** Sorts upwards, then downwards, then as in the report; records without a value are last in both directions. */
  sortBy(key) {
    if (this.sorting.key !== key) this.sorting = { key, descending: false };
    else if (!this.sorting.descending) this.sorting = { key, descending: true };
    else this.sorting = { key: null, descending: false };
    if (this.sorting.key === null) {
      this.order = this.records.map((_, number) => number);
    } else {
      const values = this.sortValues(key), sign = this.sorting.descending ? -1 : 1;
      this.order = [...this.order].sort((a, b) => {
        if (values[a] === null || values[b] === null) return (values[a] === null) - (values[b] === null);
        return sign * (values[a] - values[b]);
      });
    }
    for (const [index, column] of this.columns.entries()) {
      const state = column.key !== this.sorting.key ? "none" : this.sorting.descending ? "descending" : "ascending";
      this.headers[index].setAttribute("aria-sort", state);
    }
    this.arrange();
    const title = this.columns.find((column) => column.key === key).title;
    announce(this.sorting.key === null ? "In the order of the report" :
      `Sorted by ${title}, ${this.sorting.descending ? "descending" : "ascending"}`);
  }

  /** Shows only records for which `allowed[number]` holds; null: all. */
  filter(allowed) {
    this.allowed = allowed;
    this.arrange();
  }

  arrange() {
    const chosen = this.shown[this.active];
    this.shown = this.allowed === null ? this.order : this.order.filter((number) => this.allowed[number]);
    this.active = chosen === undefined ? -1 : this.shown.indexOf(chosen);
    this.element.scrollTop = 0;
    this.redraw();
  }

  // === Rows ===

  redraw() {
    this.rows.clear();
    this.body.replaceChildren();
    this.body.style.height = `${this.shown.length * this.rowHeight}px`;
    this.table.setAttribute("aria-rowcount", this.shown.length + 1);
    this.draw();
  }

  /** The first row to draw and the one after the last: what is seen, and some beside it. */
  visibleRange() {
    if (this.printing) return [0, Math.min(this.shown.length, printedRows)];
    if (!this.element.classList.contains("long")) return [0, this.shown.length];
    const first = Math.floor(this.element.scrollTop / this.rowHeight) - 6;
    const count = Math.ceil(this.element.clientHeight / this.rowHeight) + 12;
    return [Math.max(0, first), Math.min(this.shown.length, Math.max(0, first) + count)];
  }

  draw() {
    const [first, end] = this.visibleRange();
    for (const [place, row] of this.rows) {
      if (place < first || place >= end) {
        row.remove();
        this.rows.delete(place);
      }
    }
    const fresh = [];
    for (let place = first; place < end; place++) {
      if (!this.rows.has(place)) {
        this.rows.set(place, this.row(place));
        fresh.push(this.rows.get(place));
      }
    }
    this.body.append(...fresh);
    this.markActive();
  }

  row(place) {
    const number = this.shown[place], record = this.records[number];
    const cells = this.columns.map((column, index) => el("td", {
      role: "gridcell", "aria-colindex": index + 1, class: `column-${column.key}`, "data-title": column.title,
    }, column.cell(record, number)));
    const row = el("tr", {
      role: "row", id: `row-${number}`, "aria-rowindex": place + 2, "data-number": number,
      class: this.rowClass(record),
    }, cells);
    row.style.transform = `translateY(${place * this.rowHeight}px)`;
    return row;
  }

  /** A record of which nothing is known but its reason gives that the room of the numbers, where there is room. */
  rowClass(record) {
    if (record.data) return "linked";
    return record.length === null && this.columns.some(({ key }) => key === "strip") ? "without blank" : "without";
  }

  // === Keyboard and mouse ===

  markActive() {
    for (const [place, row] of this.rows) {
      row.classList.toggle("active", place === this.active);
      row.setAttribute("aria-selected", String(place === this.active));
    }
    const row = this.rows.get(this.active);
    if (row) this.table.setAttribute("aria-activedescendant", row.id);
    else this.table.removeAttribute("aria-activedescendant");
  }

  /** Somebody comes by keyboard: a row is active from the first. */
  enter() {
    if (this.active < 0 && this.table.matches(":focus-visible")) {
      this.activate(Math.min(Math.ceil(this.element.scrollTop / this.rowHeight), this.shown.length - 1));
    }
  }

  key(event) {
    if (event.target !== this.table || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(Math.min(this.element.clientHeight, innerHeight) / this.rowHeight) - 2);
    const last = this.shown.length - 1;
    const aims = {
      ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page, PageUp: this.active - page,
      Home: 0, End: last,
    };
    if (event.key in aims) {
      event.preventDefault();
      this.activate(Math.min(Math.max(aims[event.key], 0), last));
    } else if (event.key === "Enter" && this.active >= 0) {
      event.preventDefault();
      this.opened(this.shown[this.active]);
    }
  }

  /** Makes a row the active one, and scrolls to it. */
  activate(place) {
    this.active = place;
    if (place < 0) return;
    if (this.element.classList.contains("long")) {
      const top = place * this.rowHeight, room = this.element.clientHeight - this.body.offsetTop - this.rowHeight;
      if (top < this.element.scrollTop) this.element.scrollTop = top;
      else if (top > this.element.scrollTop + room) this.element.scrollTop = top - room;
    }
    this.draw();
    this.rows.get(place)?.scrollIntoView({ block: "nearest" });
  }

  click(event) {
    const row = event.target.closest("tr");
    if (row === null || event.target.closest("a") || !getSelection().isCollapsed) return;
    const number = Number(row.dataset.number);
    this.active = this.shown.indexOf(number);
    this.markActive();
    if (this.records[number].data) this.opened(number);
  }
}

// === The columns of the index ===

/** What a header says beside the name that it begins with. */
function description(record) {
  const header = record.header ?? "";
  const rest = header.startsWith(record.name) ? header.slice(record.name.length) : null;
  return rest !== null && (rest === "" || /^\s/.test(rest)) ? rest.trim() : header;
}

function confidenceCell(record) {
  const cls = confidenceClass(record.plddt);
  if (cls < 0) return "–";
  return el("span", { class: "mean-plddt", title: className(cls) }, el("span", { class: `class-mark paint-${cls}` }),
    fixed(record.plddt, 1), el("span", { class: "unseen" }, ` ${className(cls)}`));
}

/** The strip, or why there is none. */
function stripCell(record) {
  if (record.strip) return stripPicture(record.strip);
  return record.message ? el("span", { class: "reason", title: record.message }, record.message) : "";
}

/** The columns that have values in this report. */
function indexColumns() {
  const number = (key, decimals) => (record) => fixed(record[key], decimals);
  const nameCell = (record, place) => record.data
    ? el("a", { href: recordLink(place), tabindex: -1, title: record.name }, record.name)
    : el("span", { title: record.name }, record.name);
  const columns = [
    { key: "name", title: "Name", track: "minmax(110px, 1.4fr)", cell: nameCell },
    { key: "header", title: "Header", track: "minmax(80px, 2fr)", value: (record) => description(record) || null,
      cell: (record) => el("span", { title: record.header ?? "" }, description(record)) },
    { key: "length", title: "Length", track: "72px", cell: (record) => grouped(record.length) },
    { key: "chains", title: "Chains", track: "76px", cell: (record) => grouped(record.chains) },
    { key: "plddt", title: "pLDDT", track: "84px", hint: "Mean pLDDT, 0 to 100", cell: confidenceCell },
    { key: "ptm", title: "pTM", track: "66px", hint: "Predicted TM-score, 0 to 1", cell: number("ptm", 3) },
    { key: "iptm", title: "ipTM", track: "68px", hint: "Interface pTM, 0 to 1", cell: number("iptm", 3) },
    { key: "seconds", title: "Seconds", track: "86px", hint: "Time of folding", cell: number("seconds", 2) },
    { key: "status", title: "Status", track: "96px",
      cell: ({ status }) => el("span", { class: `status-${status}` }, status) },
    { key: "strip", title: "pLDDT along the sequence", track: "minmax(204px, 1.7fr)", cell: stripCell,
      value: highShare, hint: "Sorted by the part that is at least confident" },
  ];
  for (const column of columns) column.value ??= (record) => record[column.key] ?? null;
  const used = columns.filter(({ key, value }) =>
    key === "name" || report.records.some((record) => value(record) !== null));
  const hasReasons = report.records.some((record) => !record.strip && record.message);
  if (used.at(-1)?.key !== "strip" && hasReasons) {
    used.push({
      key: "reason", title: "Reason", track: "minmax(190px, 3fr)", cell: stripCell,
      value: ({ message }) => message || null,
    });
  }
  return used;
}

/** The part of a sequence that is at least confident, by which strips are sorted. */
function highShare({ strip }) {
  return strip ? strip.replace(/[^23]/g, "").length / strip.length : null;
}
