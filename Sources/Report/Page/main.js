// The frame around the pages, and which page the address names: `#/` is the index, `#/protein/7` a protein.

/** Something to choose from, with a visible label: options are [value, text]. */
function chooser(label, options, value, choose) {
  const select = el("select", { onchange: () => choose(select.value) },
    options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)));
  return el("label", { class: "chooser" }, el("span", {}, label), select);
}

function fillMasthead() {
  document.getElementById("masthead").replaceChildren(el("div", { class: "frame" },
    el("a", { class: "home", href: "#/" }, el("span", { class: "program" }, "esmfold"), el("span", {}, report.title)),
    el("div", { class: "choosers" },
      chooser("Theme", [["auto", "System"], ["light", "Light"], ["dark", "Dark"]], appearance.theme,
        (theme) => setAppearance({ theme })),
      chooser("Colours", [["standard", "AlphaFold database"], ["cividis", "Colour-blind safe"]], appearance.palette,
        (palette) => setAppearance({ palette })))));
}

/** The licence of what is embedded, a JSON string in the page. */
function viewerLicence() {
  const element = document.getElementById("viewer-licence");
  if (element === null) return null;
  return el("details", {}, el("summary", {}, "Licence of the 3D viewer"),
    el("pre", { tabindex: 0 }, JSON.parse(element.textContent)));
}

function fillColophon() {
  const completeness = report.files === null
    ? "This file is complete and loads nothing from elsewhere."
    : `This page belongs beside the folder ${report.files}, and loads nothing from elsewhere.`;
  document.getElementById("colophon").replaceChildren(el("div", { class: "frame" },
    el("p", {}, `Made by ${report.program ?? "esmfold"} on ${moment(report.made)}. ${completeness}`), viewerLicence()));
}

/** A page that only says something; `lines` are paragraphs. */
function messagePage(heading, ...lines) {
  return el("div", { class: "message" }, el("h1", {}, heading), lines.map((line) => el("p", {}, line)),
    el("p", {}, el("a", { href: "#/" }, "All records")));
}

/** Why there is no page of a record, or null where there is one. */
function missingPage(number) {
  const record = report.records[number];
  if (record === undefined) {
    const known = report.records.length === 0 ? "It has none." : `Its records are 0 to ${report.records.length - 1}.`;
    return messagePage("No such protein", `This report has no record ${number}. ${known}`);
  }
  if (record.data) return null;
  const reason = record.message || "The report holds no structure of this record.";
  const state = record.status === "failed" ? "This record was not folded." : "There is no structure to show.";
  return messagePage(record.name, state, reason);
}

const navigation = { visit: 0, leave: () => {} };

/** Ends a visit: the heading gets the focus, so that the next key and the screen reader begin there. */
function arrive(kind, title) {
  const main = document.getElementById("main"), heading = main.querySelector("h1");
  document.title = title;
  document.documentElement.dataset.page = kind;
  if (kind !== "index" && report.demo && !main.querySelector(".demo-warning")) main.prepend(demoWarning());
  if (heading !== null) heading.tabIndex = -1;
  // The first page of a visit leaves the focus where it is: nothing has been navigated yet.
  if (navigation.visit > 1) (heading ?? main).focus({ preventScroll: true });
}

async function showProtein(number, visit) {
  const place = el("div", { class: "protein" });
  document.getElementById("main").replaceChildren(place);
  scrollTo(0, 0);
  const title = `${report.records[number].name} – ${report.title}`;
  let page = null;
  try {
    if (typeof proteinPage !== "function") throw new Error("this report was made without pages of proteins");
    page = await proteinPage(number, place);
  } catch (error) {
    if (visit !== navigation.visit) return;
    place.replaceChildren(messagePage(report.records[number].name, `This protein cannot be shown: ${error.message}.`));
    arrive("error", title);
    return;
  }
  if (visit !== navigation.visit) {
    page?.dispose();
    return;
  }
  navigation.leave = () => page?.dispose();
  arrive("protein", title);
}

function showMessage(page) {
  document.getElementById("main").replaceChildren(page);
  scrollTo(0, 0);
  arrive("message", `${page.querySelector("h1").textContent} – ${report.title}`);
}

function showIndex() {
  const page = indexPage();
  document.getElementById("main").replaceChildren(page.element);
  page.shown();
  navigation.leave = () => page.left();
  arrive("index", `esmfold: ${report.title}`);
  // After the first picture: what Scripts/test-report measures.
  requestAnimationFrame(() => setTimeout(() => performance.mark("usable")));
}

/** Shows what the address names. */
function show() {
  const visit = ++navigation.visit, address = location.hash;
  navigation.leave();
  navigation.leave = () => {};
  delete document.documentElement.dataset.page;
  const protein = /^#\/protein\/(\d+)$/.exec(address);
  if (protein) {
    const missing = missingPage(Number(protein[1]));
    if (missing) showMessage(missing);
    else showProtein(Number(protein[1]), visit);
  } else if (["", "#", "#/"].includes(address)) {
    showIndex();
  } else {
    showMessage(messagePage("No such page", `This report has no page ${address}.`));
  }
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();  // The address belongs to the pages.
  document.getElementById("main").focus();
});
history.scrollRestoration = "manual";
fillMasthead();
fillColophon();
addEventListener("hashchange", show);
show();
