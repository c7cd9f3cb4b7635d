// The expected position errors as a heat map: one canvas for the map, one above it for what is chosen and pointed at.

/** The errors as a picture of one pixel a pair. */
function errorImage(errors) {
  const colours = errorColours(), words = new Uint32Array(256);
  const bytes = new Uint8Array(words.buffer);
  colours.forEach(([red, green, blue], index) => bytes.set([red, green, blue, 255], index * 4));
  const image = new ImageData(errors.size, errors.size), pixels = new Uint32Array(image.data.buffer);
  const scale = 255 / (errors.max * 10);
  for (let at = 0; at < pixels.length; at++) pixels[at] = words[Math.min(255, Math.round(errors.tenths[at] * scale))];
  const canvas = el("canvas", { width: errors.size, height: errors.size });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** The colour scale with its numbers. */
function errorScaleElement(max) {
  const bar = el("div", { class: "scale-bar" }), step = axisStep(max, 6);
  bar.style.background = `linear-gradient(to right, ${errorScale().map(([, text]) => text).join(", ")})`;
  const numbers = el("div", { class: "scale-numbers" });
  for (let value = 0; value <= max; value += step) {
    const number = el("span", {}, value);
    number.style.left = `${(100 * value) / max}%`;
    numbers.append(number);
  }
  return el("div", { class: "scale", role: "img", "aria-label": `Colour scale from 0 to ${max} Å` }, bar, numbers,
    el("div", { class: "scale-name" }, "Expected position error (Å)"));
}

/** The panel of the errors: the map, or why there is none. */
function errorPanel(record, selection) {
  if (linkedErrors(record) === null) return missingErrors(record);
  const { errors, residues } = record, size = errors.size, isComplex = record.chains.length > 1;
  const map = el("canvas", { class: "map", "aria-hidden": "true" });
  const overlay = el("canvas", { class: "map-overlay", tabindex: 0, role: "application",
    "aria-label": "Map of expected position errors: scored residues across, aligned residues down. "
      + "Arrow keys move, shift extends a rectangle, Escape clears." });
  const frame = el("div", { class: "map-frame" }, map, overlay);
  const readout = el("p", { class: "readout", "aria-hidden": "true" });
  const scale = el("div");
  const element = panel("Expected position error (PAE)", "errors", frame, scale, readout);
  const margin = { left: 58, top: isComplex ? 30 : 12, right: 16, bottom: 44 };
  const cursor = { column: 0, row: 0, anchorColumn: 0, anchorRow: 0, shown: false };
  let image = null, side = 0, width = 0;

  const place = (at) => (at * side) / size;
  const readoutHint = "Drag a rectangle to choose scored and aligned residues.";
  readout.textContent = readoutHint;

  function context(canvas) {
    const ratio = devicePixelRatio || 1, height = side + margin.top + margin.bottom;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  }

  function draw() {
    width = Math.min(frame.clientWidth, 620);
    side = width - margin.left - margin.right;
    if (side <= 0) return;
    image ??= errorImage(errors);
    frame.style.height = `${side + margin.top + margin.bottom}px`;
    const pen = context(map);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(image, margin.left, margin.top, side, side);
    drawChains(pen);
    drawAxes(pen);
    drawOverlay();
  }

  function drawChains(pen) {
    if (!isComplex) return;
    pen.font = `600 13px ${colour("--sans")}`;
    for (const [index, chain] of record.chains.entries()) {
      const [first, last] = chainRange(record, index);
      pen.fillStyle = colour("--ink");
      pen.textAlign = "center";
      pen.fillText(chain.id, margin.left + place((first + last + 1) / 2), margin.top - 14);
      pen.textAlign = "left";
      if (index === 0) continue;
      // A dark line with a light edge is seen on both ends of the scale.
      for (const [style, thick] of [["#ffffff", 3], ["#1b1f27", 1.4]]) {
        pen.strokeStyle = style;
        pen.lineWidth = thick;
        pen.beginPath();
        pen.moveTo(margin.left + place(first), margin.top);
        pen.lineTo(margin.left + place(first), margin.top + side);
        pen.moveTo(margin.left, margin.top + place(first));
        pen.lineTo(margin.left + side, margin.top + place(first));
        pen.stroke();
      }
    }
  }

  function drawAxes(pen) {
    pen.strokeStyle = colour("--quiet");
    pen.lineWidth = 1;
    pen.strokeRect(margin.left - 0.5, margin.top - 0.5, side + 1, side + 1);
    pen.fillStyle = colour("--quiet");
    pen.font = `12px ${colour("--sans")}`;
    const ticks = axisTicks(record, side, 32);
    for (const { at, number } of ticks) {
      pen.textAlign = "center";
      pen.fillText(number, margin.left + place(at + 0.5), margin.top + side + 17);
      pen.textAlign = "right";
      pen.fillText(number, margin.left - 11, margin.top + place(at + 0.5) + 4);
    }
    pen.fillStyle = colour("--ink");
    pen.textAlign = "center";
    pen.fillText("Scored residue", margin.left + side / 2, margin.top + side + 37);
    pen.save();
    pen.translate(14, margin.top + side / 2);
    pen.rotate(-Math.PI / 2);
    pen.fillText("Aligned residue", 0, 0);
    pen.restore();
  }

  function drawOverlay() {
    if (side <= 0) return;
    const pen = context(overlay);
    const rows = selection.second.length > 0 ? selection.second : selection.first;
    const columns = selection.first;
    pen.fillStyle = colour("--chosen");
    for (const [from, to] of columns) {
      pen.fillRect(margin.left + place(from), margin.top - 8, Math.max(place(to + 1) - place(from), 2), 6);
    }
    pen.fillStyle = colour(selection.second.length > 0 ? "--chosen-second" : "--chosen");
    for (const [from, to] of rows) {
      pen.fillRect(margin.left - 8, margin.top + place(from), 6, Math.max(place(to + 1) - place(from), 2));
    }
    for (const [left, right] of columns) for (const [top, bottom] of rows) outline(pen, left, right, top, bottom);
    drawPointer(pen);
  }

  function outline(pen, left, right, top, bottom) {
    const box = [margin.left + place(left), margin.top + place(top),
      Math.max(place(right + 1) - place(left), 3), Math.max(place(bottom + 1) - place(top), 3)];
    for (const [style, thick] of [["#1b1f27", 4], [colour("--chosen"), 2]]) {
      pen.strokeStyle = style;
      pen.lineWidth = thick;
      pen.strokeRect(...box);
    }
  }

  function drawPointer(pen) {
    if (selection.pointed === null) return;
    const column = place(selection.pointed + 0.5), row = place((selection.pointedSecond ?? selection.pointed) + 0.5);
    for (const [style, dash] of [["#ffffff", []], ["#1b1f27", [4, 3]]]) {
      pen.strokeStyle = style;
      pen.lineWidth = 1;
      pen.setLineDash(dash);
      pen.beginPath();
      pen.moveTo(margin.left + column, margin.top);
      pen.lineTo(margin.left + column, margin.top + side);
      pen.moveTo(margin.left, margin.top + row);
      pen.lineTo(margin.left + side, margin.top + row);
      pen.stroke();
    }
    pen.setLineDash([]);
  }

  /** The pair under the pointer, or null; `nearest` keeps a drag inside the map. */
  function pairAt(event, nearest) {
    const box = overlay.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left - margin.left) * size) / side);
    const row = Math.floor(((event.clientY - box.top - margin.top) * size) / side);
    const clamp = (value) => Math.min(Math.max(value, 0), size - 1);
    if (!nearest && (column !== clamp(column) || row !== clamp(row))) return null;
    return { column: clamp(column), row: clamp(row) };
  }

  function pairText({ column, row }) {
    const name = (at) => `${residuePlace(residues[at])} ${residueNames[residues[at].letter.toUpperCase()] ?? "residue"}`;
    return `scored ${name(column)}, aligned ${name(row)}: ${fixed(errors.at(row, column), 1)}\u00a0Å`;
  }

  /** Moves the cursor; with `extend` the rectangle from where it began is chosen. */
  function moveTo({ column, row }, extend) {
    const clamp = (value) => Math.min(Math.max(value, 0), size - 1);
    cursor.column = clamp(column);
    cursor.row = clamp(row);
    if (!extend) Object.assign(cursor, { anchorColumn: cursor.column, anchorRow: cursor.row });
    selection.choose([[cursor.anchorColumn, cursor.column]], [[cursor.anchorRow, cursor.row]]);
  }

  function pointAt(pair, event) {
    selection.point(pair?.column ?? null, pair?.row ?? null);
    const text = pair ? pairText(pair) : readoutHint;
    readout.textContent = text.charAt(0).toUpperCase() + text.slice(1);
    if (pair && event) pointerTip.show(readout.textContent, event.clientX, event.clientY);
    else pointerTip.hide();
  }

  let dragging = false;
  overlay.addEventListener("pointerdown", (event) => {
    const pair = pairAt(event, false);
    if (pair === null || event.button !== 0) return;
    dragging = true;
    overlay.setPointerCapture(event.pointerId);
    overlay.focus({ preventScroll: true });
    event.preventDefault();
    moveTo(pair, event.shiftKey);
  });
  overlay.addEventListener("pointermove", (event) => {
    const pair = pairAt(event, dragging);
    pointAt(pair, event);
    if (dragging && (pair.column !== cursor.column || pair.row !== cursor.row)) moveTo(pair, true);
  });
  overlay.addEventListener("pointerup", () => { dragging = false; });
  overlay.addEventListener("pointercancel", () => { dragging = false; });
  overlay.addEventListener("pointerleave", () => { if (!dragging) pointAt(null); });
  overlay.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], PageUp: [0, -10],
      PageDown: [0, 10], Home: [-size, 0], End: [size, 0], Enter: [0, 0], " ": [0, 0] };
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") {
      selection.clear();
      pointAt(null);
    } else if (steps[event.key]) {
      const [across, down] = steps[event.key];
      moveTo({ column: cursor.column + across, row: cursor.row + down }, event.shiftKey);
      pointAt(cursor);
    } else return;
    event.preventDefault();
  });
  overlay.addEventListener("focus", () => { if (overlay.matches(":focus-visible")) pointAt(cursor); });
  overlay.addEventListener("blur", () => pointAt(null));
  const observer = new ResizeObserver(() => { if (Math.min(frame.clientWidth, 620) !== width) draw(); });
  observer.observe(frame);

  function drawScale() { scale.replaceChildren(errorScaleElement(errors.max)); }
  drawScale();
  return {
    element,
    choose: drawOverlay,
    point: drawOverlay,
    appearance() { image = null; drawScale(); draw(); },
    dispose() { observer.disconnect(); },
  };
}

/** Why there is no map. */
function missingErrors(record) {
  const text = record.errors === null
    ? "This protein was folded without --pae, so its expected position errors are not known. Fold it again with "
      + "“--pae”, and make the report again, to see them here."
    : `The file of errors is of ${counted(record.errors.size, "residue")} and the structure of `
      + `${record.residues.length}, so the map cannot be shown. The file can be downloaded.`;
  return { element: panel("Expected position error (PAE)", "errors", el("p", { class: "note" }, text)),
    choose() {}, point() {}, appearance() {}, dispose() {} };
}
