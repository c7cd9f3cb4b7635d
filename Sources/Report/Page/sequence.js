// The sequence: rows of blocks of ten letters coloured by confidence, one list to assistive technology.

/** The panel of the sequence, which follows the selection. */
function sequencePanel(record, selection) {
  const list = el("div", { class: "sequence", role: "listbox", tabindex: 0, "aria-multiselectable": "true",
    "aria-label": "Residues. Arrow keys choose, shift extends, Escape clears." });
  const element = panel("Sequence", "sequence", list, el("div", { class: "legend" }, confidenceLegend(),
    el("span", { class: "legend-text" }, "Click a letter, or drag for a range.")));
  const letters = record.residues.map(letterOf);
  const painted = new Uint8Array(letters.length);
  let blocks = 0, pointed = [];

  function letterOf(residue) {
    return el("span", { role: "option", id: `residue-${residue.index}`, "data-at": residue.index,
      class: `letter class-${residue.cls < 0 ? "none" : residue.cls}`, "aria-selected": "false",
      "aria-label": residueText(residue) }, residue.letter);
  }

  /** The letter at which keys begin, to the eye and to assistive technology. */
  function showCursor() {
    list.querySelector(".cursor")?.classList.remove("cursor");
    letters[selection.cursor]?.classList.add("cursor");
    list.setAttribute("aria-activedescendant", letters[selection.cursor]?.id ?? "");
  }

  /** Fills the rows again when the width allows more or fewer blocks; on paper four fit. */
  function layOut(onPaper = false) {
    const letterWidth = 12, gap = 10, margin = 50;
    const room = onPaper ? 4 : Math.floor((list.clientWidth - margin) / (10 * letterWidth + gap));
    const fitting = [10, 8, 6, 5, 4, 3, 2].find((count) => count <= room) ?? 1;
    if (fitting === blocks || list.clientWidth === 0) return;
    blocks = fitting;
    list.replaceChildren(...record.chains.map(chainElement));
    showCursor();
  }

  function chainElement(chain, chainIndex) {
    const [first, last] = chainRange(record, chainIndex), rows = [];
    for (let start = first; start <= last; start += blocks * 10) rows.push(rowElement(start, last));
    const heading = record.chains.length > 1
      ? el("div", { class: "chain-name", role: "presentation" }, `Chain ${chain.id}, `
        + counted(chain.sequence.length, "residue"))
      : null;
    return el("div", { role: "group", "aria-label": `Chain ${chain.id}` }, heading, rows);
  }

  function rowElement(start, last) {
    const row = el("div", { class: "row", role: "presentation" },
      el("span", { class: "row-number", "aria-hidden": "true" }, record.residues[start].number));
    for (let block = start; block <= Math.min(last, start + blocks * 10 - 1); block += 10) {
      row.append(el("span", { class: "block", role: "presentation" },
        letters.slice(block, Math.min(block + 10, last + 1))));
    }
    return row;
  }

  const at = (event) => {
    const target = document.elementFromPoint(event.clientX, event.clientY)?.closest?.(".letter");
    return target && list.contains(target) ? Number(target.dataset.at) : null;
  };
  let dragging = false;
  list.addEventListener("pointerdown", (event) => {
    const index = at(event);
    if (index === null || event.button !== 0) return;
    // A finger scrolls; only what it taps is chosen.
    dragging = event.pointerType !== "touch";
    if (dragging) list.setPointerCapture(event.pointerId);
    event.preventDefault();
    list.focus({ preventScroll: true });
    selection.move(index, event.shiftKey);
  });
  list.addEventListener("pointermove", (event) => {
    const index = at(event);
    selection.point(index);
    if (index === null) pointerTip.hide();
    else pointerTip.show(tipText(record.residues[index]), event.clientX, event.clientY);
    if (dragging && index !== null && index !== selection.cursor) selection.move(index, true);
  });
  list.addEventListener("pointerup", () => { dragging = false; });
  list.addEventListener("pointercancel", () => { dragging = false; });
  list.addEventListener("pointerleave", () => { selection.point(null); pointerTip.hide(); });
  list.addEventListener("keydown", (event) => {
    if (event.key === "Escape") selection.clear();
    else if (event.key === " " || event.key === "Enter") selection.move(selection.cursor, event.shiftKey);
    else {
      const target = keyTarget(event, selection.cursor, letters.length, blocks * 10);
      if (target === null || event.ctrlKey || event.altKey || event.metaKey) return;
      selection.move(target, event.shiftKey);
      letters[selection.cursor].scrollIntoView({ block: "nearest" });
    }
    event.preventDefault();
  });
  const observer = new ResizeObserver(() => layOut());
  observer.observe(list);

  return {
    element,
    choose() {
      for (const [index, mark] of selection.marks.entries()) {
        if (mark === painted[index]) continue;
        painted[index] = mark;
        letters[index].classList.toggle("chosen", (mark & 1) !== 0);
        letters[index].classList.toggle("chosen-second", (mark & 2) !== 0);
        letters[index].setAttribute("aria-selected", String(mark !== 0));
      }
      showCursor();
    },
    point() {
      for (const index of pointed) letters[index].classList.remove("pointed");
      pointed = [selection.pointed, selection.pointedSecond].filter((index) => index !== null);
      for (const index of pointed) letters[index].classList.add("pointed");
    },
    appearance() {},
    paper: layOut,
    dispose() { observer.disconnect(); },
  };
}
