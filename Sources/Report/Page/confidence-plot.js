// pLDDT along the sequence: an SVG with the bands of the classes, whose axis is also a slider for keys.

/** Round steps of an axis: about `wanted` of them up to `span`. */
function axisStep(span, wanted) {
  const rough = span / Math.max(wanted, 1), size = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  return Math.max([1, 2, 5, 10].map((factor) => factor * size).find((step) => step >= rough), 1);
}

/**
 * Places of residues whose numbers stand at an axis of `length` pixels: round numbers of each chain, and the chain's
 * first, which goes before its neighbours. Numbers are `room` apart.
 */
function axisTicks(record, length, room) {
  const count = record.residues.length, step = axisStep(count, length / (room * 1.8)), ticks = [];
  const apart = (room * count) / length;
  for (const chainIndex of record.chains.keys()) {
    const [first, last] = chainRange(record, chainIndex);
    const before = ticks.at(-1);
    if (before && !before.isFirst && first - before.at < apart) ticks.pop();
    for (let at = first; at <= last; at++) {
      const { number } = record.residues[at], isFirst = at === first;
      if (!isFirst && number % step !== 0) continue;
      if (ticks.length === 0 || at - ticks.at(-1).at >= apart) ticks.push({ at, number, isFirst });
    }
  }
  return ticks;
}

function confidencePanel(record, selection) {
  const { residues } = record, count = residues.length;
  const bands = [[0, 50, 0], [50, 70, 1], [70, 90, 2], [90, 100, 3]];
  const svg = el("svg:svg", { class: "confidence", role: "slider", tabindex: 0, "aria-label": "Residue in the pLDDT plot",
    "aria-valuemin": 1, "aria-valuemax": count, "aria-valuenow": 1,
    "aria-valuetext": count > 0 ? residueText(residues[0]) : "none" });
  const element = panel("pLDDT along the sequence", "confidence", svg);
  const marks = el("svg:g"), pointer = el("svg:g", { class: "crosshair" });
  const height = 210, left = 44, top = record.chains.length > 1 ? 24 : 10, bottom = 44;
  let width = 0, right = 84;

  const x = (at) => left + (at * (width - left - right)) / count;
  const y = (value) => top + (1 - value / 100) * (height - top - bottom);

  function draw() {
    width = svg.clientWidth || svg.parentElement?.clientWidth || 0;
    if (width === 0 || count === 0) return;
    right = width < 560 ? 12 : 84;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren(...bandElements(), ...axisElements(), marks, ...lineElements(), ...chainElements(), pointer);
    drawMarks();
    drawPointer();
  }

  function bandElements() {
    return bands.flatMap(([from, to, cls]) => [
      el("svg:rect", { class: "band", x: left, width: width - left - right, y: y(to), height: y(from) - y(to),
        fill: `var(${confidenceClasses[cls].variable})` }),
      right > 40 && el("svg:text", { class: "band-name", x: width - right + 8, y: (y(from) + y(to)) / 2 + 4 },
        confidenceClasses[cls].name),
    ].filter(Boolean));
  }

  function axisElements() {
    const ticks = axisTicks(record, width - left - right, 36);
    return [
      ...[0, 50, 70, 90, 100].map((value) =>
        el("svg:text", { class: "tick", "text-anchor": "end", x: left - 7, y: y(value) + 4 }, value)),
      ...ticks.map(({ at, number }) => el("svg:g", {},
        el("svg:line", { class: "tick-line", x1: x(at + 0.5), x2: x(at + 0.5), y1: y(0), y2: y(0) + 4 }),
        el("svg:text", { class: "tick", "text-anchor": "middle", x: x(at + 0.5), y: y(0) + 17 }, number))),
      el("svg:text", { class: "axis-name", "text-anchor": "middle", x: (left + width - right) / 2, y: height - 6 },
        "Residue"),
      el("svg:text", { class: "axis-name", "text-anchor": "middle", x: -(y(0) + y(100)) / 2, y: 12,
        transform: "rotate(-90)" }, "pLDDT"),
    ];
  }

  /** Lines that break at chains and where there is no value; a residue alone is a point. */
  function lineElements() {
    let path = "";
    const points = [];
    const joins = (a, b) => a && b && a.plddt !== null && b.plddt !== null && a.chainIndex === b.chainIndex;
    for (const [at, residue] of residues.entries()) {
      if (residue.plddt === null) continue;
      const before = joins(residues[at - 1], residue);
      path += `${before ? "L" : "M"}${x(at + 0.5).toFixed(1)} ${y(residue.plddt).toFixed(1)}`;
      if (!before && !joins(residue, residues[at + 1])) points.push(residue);
    }
    const dots = count <= 150 ? residues.filter((residue) => residue.plddt !== null) : points;
    return [el("svg:path", { class: "line", d: path }), ...dots.map((residue) => el("svg:circle", { class: "dot",
      cx: x(residue.index + 0.5).toFixed(1), cy: y(residue.plddt).toFixed(1), r: count <= 150 ? 3 : 2.5,
      fill: `var(${confidenceClasses[residue.cls].variable})` }))];
  }

  function chainElements() {
    if (record.chains.length < 2) return [];
    return record.chains.flatMap((chain, index) => {
      const [first, last] = chainRange(record, index);
      return [
        index > 0 && el("svg:line", { class: "chain-border", x1: x(first), x2: x(first), y1: top - 18, y2: y(0) }),
        el("svg:text", { class: "chain-letter", "text-anchor": "middle", x: (x(first) + x(last + 1)) / 2, y: top - 8 },
          chain.id),
      ].filter(Boolean);
    });
  }

  function drawMarks() {
    const markOf = (variable, offset) => ([from, to]) => [
      el("svg:rect", { class: "mark", x: x(from), width: Math.max(x(to + 1) - x(from), 1), y: y(100),
        height: y(0) - y(100), fill: `var(${variable})` }),
      el("svg:rect", { class: "mark-strip", x: x(from), width: Math.max(x(to + 1) - x(from), 2), y: y(0) + offset,
        height: 4, fill: `var(${variable})` }),
    ];
    marks.replaceChildren(...selection.second.flatMap(markOf("--chosen-second", -4)),
      ...selection.first.flatMap(markOf("--chosen", 0)));
  }

  function drawPointer() {
    pointer.replaceChildren(...[selection.pointed, selection.pointedSecond].filter((at) => at !== null)
      .flatMap((at) => [
        el("svg:line", { x1: x(at + 0.5), x2: x(at + 0.5), y1: y(100), y2: y(0) }),
        residues[at].plddt !== null && el("svg:circle", { cx: x(at + 0.5), cy: y(residues[at].plddt), r: 4.5 }),
      ].filter(Boolean)));
  }

  const at = (event) => {
    const box = svg.getBoundingClientRect(), place = ((event.clientX - box.left - left) * count) / (width - left - right);
    return place < -0.5 || place > count + 0.5 ? null : Math.min(Math.max(Math.floor(place), 0), count - 1);
  };
  let dragging = false;
  svg.addEventListener("pointerdown", (event) => {
    const index = at(event);
    if (index === null || event.button !== 0) return;
    dragging = true;
    svg.setPointerCapture(event.pointerId);
    svg.focus({ preventScroll: true });
    event.preventDefault();
    selection.move(index, event.shiftKey);
  });
  svg.addEventListener("pointermove", (event) => {
    const index = at(event);
    selection.point(index);
    if (index === null) pointerTip.hide();
    else pointerTip.show(tipText(residues[index]), event.clientX, event.clientY);
    if (dragging && index !== null && index !== selection.cursor) selection.move(index, true);
  });
  svg.addEventListener("pointerup", () => { dragging = false; });
  svg.addEventListener("pointercancel", () => { dragging = false; });
  svg.addEventListener("pointerleave", () => { selection.point(null); pointerTip.hide(); });
  svg.addEventListener("focus", () => { if (svg.matches(":focus-visible")) selection.point(selection.cursor); });
  svg.addEventListener("blur", () => selection.point(null));
  svg.addEventListener("keydown", (event) => {
    if (event.key === "Escape") selection.clear();
    else {
      // Up and down are one step, as of any slider; pages are ten.
      const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      const target = step ? selection.cursor + step : keyTarget(event, selection.cursor, count);
      if (target === null || event.ctrlKey || event.altKey || event.metaKey) return;
      selection.move(target, event.shiftKey);
      selection.point(selection.cursor);
    }
    event.preventDefault();
  });
  const observer = new ResizeObserver(() => { if (svg.clientWidth !== width) draw(); });
  observer.observe(svg);

  return {
    element,
    choose() {
      drawMarks();
      svg.setAttribute("aria-valuenow", selection.cursor + 1);
      svg.setAttribute("aria-valuetext", count > 0 ? residueText(residues[selection.cursor]) : "none");
    },
    point: drawPointer,
    appearance() {},
    dispose() { observer.disconnect(); },
  };
}
