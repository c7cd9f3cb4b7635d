// What is chosen and pointed at on a protein's page, how that is said and typed, and who wants to know.

const residueNames = {
  A: "alanine", R: "arginine", N: "asparagine", D: "aspartic acid", C: "cysteine", Q: "glutamine",
  E: "glutamic acid", G: "glycine", H: "histidine", I: "isoleucine", L: "leucine", K: "lysine", M: "methionine",
  F: "phenylalanine", P: "proline", S: "serine", T: "threonine", W: "tryptophan", Y: "tyrosine", V: "valine",
  U: "selenocysteine", O: "pyrrolysine", X: "unknown residue", B: "asparagine or aspartic acid",
  Z: "glutamine or glutamic acid", J: "leucine or isoleucine",
};

/** "pLDDT 92.1, very high". */
function confidenceText(residue) {
  return residue.plddt === null ? "no value" : `pLDDT ${fixed(residue.plddt, 1)}, ${className(residue.cls)}`;
}

/** "Residue 14, alanine, chain A, pLDDT 92.1, very high". */
function residueText(residue) {
  const name = residueNames[residue.letter.toUpperCase()] ?? residue.letter;
  return `Residue ${residue.number}, ${name}, chain ${residue.chain}, ${confidenceText(residue)}`;
}

/** "A 14". */
function residuePlace(residue) {
  return `${residue.chain} ${residue.number}`;
}

/**
 * The choice on a protein's page. Ranges are [first, last] of places in `record.residues`. What is chosen first is
 * marked orange; what is chosen second, the aligned residues of a rectangle in the errors, teal. Listeners hear
 * "chosen" or "pointed".
 */
function makeSelection(record) {
  const count = record.residues.length, listeners = new Set();
  const tell = (change) => { for (const listener of listeners) listener(change); };
  const selection = {
    record, first: [], second: [], pointed: null, pointedSecond: null, cursor: 0, anchor: 0,
    /** Of each residue: 1 chosen first, 2 second, 3 both. */
    marks: new Uint8Array(count),
    get isEmpty() { return selection.first.length === 0 && selection.second.length === 0; },
    choose(first, second = []) {
      selection.first = tidyRanges(first, count);
      selection.second = tidyRanges(second, count);
      selection.marks.fill(0);
      for (const [from, to] of selection.first) for (let at = from; at <= to; at++) selection.marks[at] |= 1;
      for (const [from, to] of selection.second) for (let at = from; at <= to; at++) selection.marks[at] |= 2;
      tell("chosen");
    },
    clear() { selection.choose([]); },
    /** Moves the cursor that keys and clicks share; with `extend` the range from where it began is chosen. */
    move(target, extend) {
      selection.cursor = Math.min(Math.max(target, 0), count - 1);
      if (!extend) selection.anchor = selection.cursor;
      selection.choose([[selection.anchor, selection.cursor]]);
    },
    point(first, second = null) {
      if (first === selection.pointed && second === selection.pointedSecond) return;
      selection.pointed = first;
      selection.pointedSecond = second;
      tell("pointed");
    },
    watch(listener) { listeners.add(listener); },
  };
  return selection;
}

/** Sorted ranges that neither touch nor leave the protein. */
function tidyRanges(ranges, count) {
  const sorted = ranges
    .map(([a, b]) => [Math.max(Math.min(a, b), 0), Math.min(Math.max(a, b), count - 1)])
    .filter(([from, to]) => from <= to)
    .sort((a, b) => a[0] - b[0]);
  const tidy = [];
  for (const [from, to] of sorted) {
    const last = tidy.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else tidy.push([from, to]);
  }
  return tidy;
}

/** Ranges cut where the chain changes or numbers leap: [[first residue, last residue], …]. */
function stretches(record, ranges) {
  const pieces = [];
  for (const [from, to] of ranges) {
    let start = from;
    for (let at = from; at <= to; at++) {
      const here = record.residues[at], next = record.residues[at + 1];
      if (at === to || next.chainIndex !== here.chainIndex || next.number !== here.number + 1) {
        pieces.push([record.residues[start], here]);
        start = at + 1;
      }
    }
  }
  return pieces;
}

/** "A 12–30, B 4". */
function rangesText(record, ranges, most = 6) {
  const pieces = stretches(record, ranges).map(([first, last]) =>
    first === last ? residuePlace(first) : `${residuePlace(first)}–${last.number}`);
  return pieces.length > most
    ? `${pieces.slice(0, most).join(", ")} and ${counted(pieces.length - most, "more range")}`
    : pieces.join(", ");
}

/** "A:12-30, B:4", as one can type it. */
function rangesTyped(record, ranges) {
  return stretches(record, ranges).map(([first, last]) =>
    `${first.chain}:${first.number}${first === last ? "" : `-${last.number}`}`).join(", ");
}

/** How many residues ranges have, and the mean pLDDT of those with one. */
function rangesSummary(record, ranges) {
  let count = 0, valued = 0, sum = 0;
  for (const [from, to] of ranges) {
    for (let at = from; at <= to; at++) {
      count += 1;
      if (record.residues[at].plddt !== null) { valued += 1; sum += record.residues[at].plddt; }
    }
  }
  return { count, mean: valued === 0 ? null : sum / valued };
}

/** The mean error of the first ranges, scored, where the second are aligned. */
function meanError(errors, first, second) {
  let sum = 0, count = 0;
  for (const [top, bottom] of second) for (let row = top; row <= bottom; row++) {
    for (const [left, right] of first) for (let column = left; column <= right; column++) {
      sum += errors.at(row, column);
      count += 1;
    }
  }
  return count === 0 ? null : sum / count;
}

/** What is chosen, in words. */
function choiceText(selection) {
  const { record, first, second } = selection;
  if (selection.isEmpty) return "Nothing is chosen.";
  const { count, mean } = rangesSummary(record, first);
  let text = `Chosen: ${rangesText(record, first)} (${counted(count, "residue")})`;
  text += mean === null ? ", no pLDDT" : `, ${count === 1 ? "" : "mean "}pLDDT ${fixed(mean, 1)}`;
  if (second.length > 0) {
    text += `; with ${rangesText(record, second)}`;
    if (linkedErrors(record)) {
      const alone = count === 1 && rangesSummary(record, second).count === 1;
      text += `, ${alone ? "" : "mean "}expected error ${fixed(meanError(record.errors, first, second), 1)}\u00a0Å`;
    }
  }
  return text;
}

/** The errors where they are those of the residues: a file without unknown residues may have fewer than its errors. */
function linkedErrors(record) {
  return record.errors !== null && record.errors.size === record.residues.length ? record.errors : null;
}

/**
 * Ranges from what somebody typed: "A:12-30, B:4", "A12-30", "12-30" for a single chain, "B" for a chain; after "with"
 * come the second ones. Throws with a message that says what is wrong.
 */
function parsedChoice(record, text) {
  const [first, second = "", ...more] = text.trim().split(/\s+with\s+/i);
  if (more.length > 0) throw new Error("“with” may stand once");
  return { first: parsedRanges(record, first), second: parsedRanges(record, second) };
}

function parsedRanges(record, text) {
  return text.split(/[,;]/).map((part) => part.trim()).filter((part) => part !== "").flatMap((part) =>
    parsedRange(record, part));
}

function parsedRange(record, part) {
  const chains = record.chains.map((chain) => chain.id);
  const range = /^(?:(\S+?)\s*[:\s]\s*|(\D+?))?(-?\d+)(?:\s*(?:-|–|\.\.)\s*(-?\d+))?$/.exec(part);
  if (!range || (chains.includes(part) && chains.length > 1)) {
    if (!chains.includes(part)) throw new Error(`“${part}” is no range such as ${chains[0]}:12-30`);
    return [chainRange(record, chains.indexOf(part))];
  }
  const name = range[1] ?? range[2]?.trim() ?? (chains.length === 1 ? chains[0] : null);
  if (name === null) throw new Error(`“${part}” needs a chain, such as ${chains[0]}:${part}`);
  const chain = chains.indexOf(name);
  if (chain < 0) throw new Error(`there is no chain ${name}; chains: ${chains.join(", ")}`);
  const from = Number(range[3]), to = Number(range[4] ?? range[3]);
  const places = record.residues.filter((residue) =>
    residue.chainIndex === chain && residue.number >= Math.min(from, to) && residue.number <= Math.max(from, to));
  if (places.length === 0) throw new Error(`chain ${name} has no residue ${part.replace(/^\S*?:\s*/, "")}`);
  return [[places[0].index, places.at(-1).index]];
}

/** The places of a chain. */
function chainRange(record, chainIndex) {
  let first = 0;
  for (let chain = 0; chain < chainIndex; chain++) first += record.chains[chain].sequence.length;
  return [first, first + record.chains[chainIndex].sequence.length - 1];
}

/** A step of the keys that sequence and plots share, or null: how far to go from `cursor`. */
function keyTarget(event, cursor, count, row = 10) {
  switch (event.key) {
    case "ArrowLeft": return cursor - 1;
    case "ArrowRight": return cursor + 1;
    case "ArrowUp": case "PageUp": return cursor - row;
    case "ArrowDown": case "PageDown": return cursor + row;
    case "Home": return 0;
    case "End": return count - 1;
    default: return null;
  }
}

/** The small text beside the pointer; those who do not see it hear what is chosen instead. */
const pointerTip = {
  element: null,
  show(text, x, y) {
    if (!this.element) {
      this.element = el("div", { class: "tip", "aria-hidden": "true" });
      document.body.append(this.element);
    }
    this.element.textContent = text;
    this.element.hidden = false;
    const { width, height } = this.element.getBoundingClientRect();
    this.element.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 6))}px`;
    this.element.style.top = `${y + 18 + height > innerHeight ? y - height - 10 : y + 18}px`;
  },
  hide() { if (this.element) this.element.hidden = true; },
};

/** A box of the page with a heading. */
function panel(title, id, ...content) {
  return el("section", { class: `panel panel-${id}`, "aria-labelledby": `heading-${id}` },
    el("h2", { id: `heading-${id}` }, title), ...content);
}
