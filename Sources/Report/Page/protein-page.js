// A protein's page: its numbers, its four linked views, and its files.

/** Fills `place` with the page of a record; `dispose` frees the viewer and the listeners. */
function proteinPage(number, place) {
  const summary = report.records[number];
  const page = { disposed: false, end: () => {}, dispose() { page.disposed = true; page.end(); } };
  // The heading stays when the rest has arrived: the focus may be on it.
  const loading = el("p", { class: "note" }, "Loading …");
  place.setAttribute("aria-busy", "true");
  place.replaceChildren(...[demoWarning(), proteinHeading(number, summary), loading].filter(Boolean));
  loadRecord(number).then((record) => {
    if (page.disposed) return;
    const { elements, end } = proteinViews(record);
    page.end = end;
    loading.replaceWith(...elements);
  }).catch((error) => {
    if (!page.disposed) loading.replaceWith(problemText(`${summary.name} cannot be shown: ${error.message}.`));
  }).finally(() => place.removeAttribute("aria-busy"));
  return page;
}

function problemText(text) {
  return el("p", { class: "problem", role: "alert" }, text);
}

/** What a loaded record shows, and what ends it. */
function proteinViews(record) {
  const selection = makeSelection(record);
  const views = [structurePanel(record, selection), errorPanel(record, selection),
    confidencePanel(record, selection), sequencePanel(record, selection)];
  const [structure, errors, plot, sequence] = views;
  const choice = choiceBar(selection);
  const elements = [choice.element, el("div", { class: "views" }, structure.element, errors.element), plot.element,
    sequence.element, el("div", { class: "details" }, pairsPanel(record), factsPanel(record), filesPanel(record))];

  let saying = 0;
  selection.watch((change) => {
    for (const view of views) view[change === "chosen" ? "choose" : "point"]();
    if (change !== "chosen") return;
    choice.update();
    // Said when it rests: a drag is many choices.
    clearTimeout(saying);
    saying = setTimeout(() => announce(choiceText(selection)), 500);
  });
  const listeners = new AbortController(), { signal } = listeners;
  document.addEventListener("appearance", () => { for (const view of views) view.appearance(); }, { signal });
  // Paper is white, and of another width: canvases are drawn for it, and pictures of them fit it.
  addEventListener("beforeprint", () => {
    document.documentElement.dataset.theme = "light";
    document.dispatchEvent(new Event("appearance"));
    for (const frame of document.querySelectorAll(".stage, .map-frame")) frame.append(...paperPicture(frame));
    sequence.paper(true);
  }, { signal });
  addEventListener("afterprint", () => {
    for (const picture of document.querySelectorAll(".paper")) picture.remove();
    sequence.paper(false);
    setAppearance();
  }, { signal });
  const end = () => {
    listeners.abort();
    clearTimeout(saying);
    pointerTip.hide();
    for (const view of views) view.dispose();
  };
  return { elements, end };
}

/** What the canvases of a frame show, as one image, or nothing. */
function paperPicture(frame) {
  const canvases = [...frame.querySelectorAll("canvas")];
  if (canvases.length === 0) return [];
  const all = el("canvas", { width: canvases[0].width, height: canvases[0].height }), pen = all.getContext("2d");
  for (const canvas of canvases) pen.drawImage(canvas, 0, 0);
  return [el("img", { class: "paper", alt: "", src: all.toDataURL() })];
}

/** Links to the other pages, the name, the header, the scores. */
function proteinHeading(number, summary) {
  const header = summary.header && summary.header !== summary.name ? summary.header : null;
  return el("header", { class: "protein-heading" },
    el("nav", { class: "protein-links", "aria-label": "Proteins" },
      el("a", { href: "#/" }, "← All proteins"),
      el("span", { class: "neighbours" }, neighbourLink(number, -1, "Previous"), neighbourLink(number, 1, "Next"))),
    el("h1", {}, summary.name),
    header && el("p", { class: "protein-header" }, header),
    scoreList(summary));
}

/** A link to the nearest record before or after that has a page. */
function neighbourLink(number, step, text) {
  let at = number + step;
  while (report.records[at] && !report.records[at].data) at += step;
  const other = report.records[at];
  if (!other) return el("span", { class: "quiet", "aria-disabled": "true" }, text);
  return el("a", { href: recordLink(at), rel: step < 0 ? "prev" : "next", "aria-label": `${text}: ${other.name}`,
    title: other.name }, text);
}

function scoreList(summary) {
  const cls = confidenceClass(summary.plddt);
  const swatch = el("span", { class: "swatch", "aria-hidden": "true" });
  swatch.style.background = `var(${cls < 0 ? "--plddt-none" : confidenceClasses[cls].variable})`;
  const scores = [
    ["Length", typeof summary.length === "number" ? counted(summary.length, "residue") : null],
    ["Chains", summary.chains],
    ["Mean pLDDT", summary.plddt === null ? null
      : [fixed(summary.plddt, 1), " ", el("span", { class: "class-name" }, swatch, className(cls))]],
    ["pTM", summary.ptm === null ? null : fixed(summary.ptm, 3)],
    ["ipTM", summary.iptm === null ? null : fixed(summary.iptm, 3)],
  ];
  return el("dl", { class: "scores" }, scores.filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

/** The line that says what is chosen, a field to type it, and a button to clear it. */
function choiceBar(selection) {
  const { record } = selection, last = record.residues.at(-1);
  const text = el("p", { class: "choice-text" }, choiceText(selection));
  const problem = el("p", { class: "choice-problem", id: "choice-problem", role: "alert" });
  const field = el("input", { type: "text", id: "choice-field", autocomplete: "off", spellcheck: "false",
    "aria-describedby": "choice-problem",
    placeholder: last ? `such as ${last.chain}:${Math.min(2, last.number)}-${last.number}` : "" });
  const clear = el("button", { type: "button", disabled: true, onclick: () => { selection.clear(); field.focus(); } },
    "Clear");
  const form = el("form", { class: "choice-form", onsubmit: (event) => {
    event.preventDefault();
    try {
      const { first, second } = parsedChoice(record, field.value);
      problem.textContent = "";
      field.removeAttribute("aria-invalid");
      selection.choose(first, second);
      if (first.length > 0) selection.cursor = selection.anchor = first[0][0];
    } catch (error) {
      field.setAttribute("aria-invalid", "true");
      problem.textContent = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
    }
  } }, el("label", { for: "choice-field" }, "Residues"), field, el("button", { type: "submit" }, "Choose"), clear);
  const element = el("div", { class: "choice empty", role: "group", "aria-label": "Choice" }, text, form, problem);
  return {
    element,
    update() {
      text.textContent = choiceText(selection);
      clear.disabled = selection.isEmpty;
      element.classList.toggle("empty", selection.isEmpty);
      problem.textContent = "";
      field.removeAttribute("aria-invalid");
      const second = selection.second.length > 0 ? ` with ${rangesTyped(record, selection.second)}` : "";
      field.value = rangesTyped(record, selection.first) + second;
    },
  };
}

/** The scores of pairs of chains. */
function pairsPanel(record) {
  if (!record.pairs?.length) return null;
  const columns = [["ipTM", "iptm", 3], ["mean PAE (Å)", "pae", 1], ["pDockQ", "pdockq", 3], ["ipSAE", "ipsae", 3]];
  return panel("Pairs of chains", "pairs", el("div", { class: "scroll" }, el("table", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Pair"),
      columns.map(([name]) => el("th", { scope: "col", class: "number" }, name)))),
    el("tbody", {}, record.pairs.map((pair) => el("tr", {},
      el("th", { scope: "row" }, `${pair.first}–${pair.second}`),
      columns.map(([, key, decimals]) => el("td", { class: "number" }, fixed(pair[key], decimals)))))))),
  el("p", { class: "note" }, "pDockQ and ipSAE were fitted to AlphaFold-Multimer and are not calibrated for ESMFold."));
}

function factsPanel(record) {
  if (!record.facts?.length) return null;
  return panel("About this prediction", "facts", el("dl", { class: "facts" },
    record.facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
}

/** Buttons for the files; that of the errors is written from what the map is drawn of. */
function filesPanel(record) {
  const titles = { pdb: "PDB", cif: "mmCIF" };
  const button = (title, name, contents) => el("button", { type: "button", onclick: async () =>
    download(name, new Blob([await contents()], { type: "application/octet-stream" })) },
  el("strong", {}, title), " ", el("span", { class: "file-name" }, name));
  const buttons = record.files.map(({ kind, name, data }) => button(titles[kind] ?? kind, name, () => unpacked(data)));
  if (record.errors !== null) {
    buttons.push(button("PAE", `${fileStem(record)}.pae.json`, () => errorFile(record.errors)));
  }
  return panel("Files", "files", buttons.length > 0 ? el("div", { class: "files" }, buttons)
    : el("p", { class: "note" }, "The files of this protein are not in this report."));
}
