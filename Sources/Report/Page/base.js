"use strict";
// Elements, numbers, confidence classes and palettes, theme, announcements: what every other script uses.

/**
 * An element. Attributes that are functions are event listeners (`onclick`), `null` and `false` leave an attribute out;
 * children are elements and texts. Nothing becomes markup.
 */
function el(name, attributes = {}, ...children) {
  const element = name.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4))
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A number with a fixed count of decimals, or a dash where there is none. */
function fixed(value, decimals) {
  return typeof value === "number" && Number.isFinite(value) ? value.toFixed(decimals) : "–";
}

/** Whole numbers with thin spaces between thousands. */
function grouped(value) {
  return typeof value === "number" ? String(value).replace(/\B(?=(\d{3})+$)/g, "\u2009") : "–";
}

/** "3 chains", "1 chain". */
function counted(count, noun) {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Seconds as people say them. */
function duration(seconds) {
  if (typeof seconds !== "number") return "–";
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${grouped(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** A moment such as "2026-11-27T18:03:00Z" to the minute, alike in all languages. */
function moment(text) {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z?)$/.exec(text ?? "");
  return parts ? `${parts[1]} ${parts[2]}${parts[3] ? " UTC" : ""}` : text ?? "–";
}

// === Confidence ===

/** The classes of the AlphaFold database; a bound belongs to the class below it. */
const confidenceClasses = [
  { name: "very low", range: "up to 50", above: -Infinity, variable: "--plddt-0" },
  { name: "low", range: "50 to 70", above: 50, variable: "--plddt-1" },
  { name: "confident", range: "70 to 90", above: 70, variable: "--plddt-2" },
  { name: "very high", range: "above 90", above: 90, variable: "--plddt-3" },
];

/** 0 to 3, or -1 where there is no value. */
function confidenceClass(plddt) {
  if (typeof plddt !== "number" || !Number.isFinite(plddt)) return -1;
  return plddt > 90 ? 3 : plddt > 70 ? 2 : plddt > 50 ? 1 : 0;
}

/** The name of a class, also of none. */
function className(index) {
  return index < 0 ? "no value" : confidenceClasses[index].name;
}

/** The colour of a variable of the style sheet, such as `--plddt-3`, in the present theme and palette: "#0053d6". */
function colour(variable) {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

/** The colour of a class of pLDDT, also of none. */
function classColour(index) {
  return colour(index < 0 ? "--plddt-none" : confidenceClasses[index].variable);
}

/** The classes of pLDDT along a sequence as a band, and in words. */
function stripPicture(strip) {
  const paths = new Map();
  for (let start = 0, end; start < strip.length; start = end) {
    for (end = start + 1; end < strip.length && strip[end] === strip[start]; end++);
    const cls = strip[start] === "-" ? "none" : strip[start];
    paths.set(cls, `${paths.get(cls) ?? ""}M${start} 0h${end - start}v1h-${end - start}z`);
  }
  const count = (cls) => strip.split(String(cls)).length - 1;
  const shares = [3, 2, 1, 0].filter((cls) => count(cls) > 0).map((cls) =>
    `${className(cls)} ${Math.round(100 * count(cls) / strip.length)} %`);
  const label = `pLDDT along the sequence: ${shares.join(", ") || "no values"}`;
  return el("svg:svg", {
    class: "strip", viewBox: `0 0 ${strip.length} 1`, preserveAspectRatio: "none", role: "img", "aria-label": label,
  }, [...paths].map(([cls, d]) => el("svg:path", { class: `fill-${cls}`, d })));
}

/** The rows of a colour scale: [fraction, "#rrggbb"], for errors from 0 to their maximum. */
function errorScale() {
  return colour("--pae-scale").split(/\s+/).map((text, index, all) => [index / (all.length - 1), text]);
}

/** A table of 256 colours [r, g, b] between those of `errorScale`. */
function errorColours() {
  const stops = errorScale().map(([, text]) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)));
  return Array.from({ length: 256 }, (_, index) => {
    const place = (index / 255) * (stops.length - 1);
    const lower = Math.min(Math.floor(place), stops.length - 2);
    return stops[lower].map((value, channel) =>
      Math.round(value + (stops[lower + 1][channel] - value) * (place - lower)));
  });
}

// === Appearance ===

/** What a reader has chosen, kept in the browser where it allows that (private windows do not). */
const settings = {
  get(key) {
    try { return localStorage.getItem(`esmfold-report-${key}`); } catch { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(`esmfold-report-${key}`, value); } catch { /* It lasts as long as the page. */ }
  },
};

/** Theme `auto` follows the system. Palette `standard` is the AlphaFold database's, `cividis` for colour-blind eyes. */
const appearance = { theme: settings.get("theme") ?? "auto", palette: settings.get("palette") ?? "standard" };

/** Applies a choice of theme or palette, remembers it, and tells what is drawn on canvases. */
function setAppearance(change = {}) {
  Object.assign(appearance, change);
  for (const [key, value] of Object.entries(change)) settings.set(key, value);
  document.documentElement.dataset.theme = appearance.theme;
  document.documentElement.dataset.palette = appearance.palette;
  document.dispatchEvent(new Event("appearance"));
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setAppearance());
setAppearance();

/** Says something to those who do not see it. */
function announce(text) {
  document.getElementById("announcements").textContent = text;
}

/** What stands on every page of results of the demo model, otherwise null. */
function demoWarning() {
  if (!report.demo) return null;
  return el("p", { class: "demo-warning", role: "note" },
    "The demo model memorises 20 small proteins and is of no scientific use: it cannot predict the structure of any " +
    "other protein.");
}

/** The link of a record's page. */
function recordLink(number) {
  return `#/protein/${number}`;
}

/** Offers a file for download. */
function download(name, blob) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
