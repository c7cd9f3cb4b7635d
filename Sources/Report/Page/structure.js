// The panel of the 3D structure: colourings, representations, buttons, legend, and the picture as a file.

const residueGroups = [
  { name: "aliphatic", letters: "AILMV" }, { name: "aromatic", letters: "FWY" }, { name: "positive", letters: "HKR" },
  { name: "negative", letters: "DE" }, { name: "polar", letters: "NQST" }, { name: "cysteine", letters: "C" },
  { name: "glycine, proline", letters: "GP" },
];

const chainColours = 8;

/** Ways to colour: a name, the colours of residues ("#rrggbb"), and the legend. */
const colourings = {
  plddt: {
    title: "Confidence (pLDDT)",
    of: () => { const classes = [-1, 0, 1, 2, 3].map(classColour); return (residue) => classes[residue.cls + 1]; },
    legend: () => confidenceLegend(),
  },
  chain: {
    title: "Chain",
    of: () => {
      const colours = Array.from({ length: chainColours }, (_, index) => colour(`--chain-${index}`));
      return (residue) => colours[residue.chainIndex % chainColours];
    },
    legend: (record) => record.chains.slice(0, 12).map((chain, index) =>
      legendItem(`--chain-${index % chainColours}`, chain.id)),
  },
  rainbow: {
    title: "Rainbow (start to end)",
    of: (record) => {
      const stops = colour("--rainbow").split(/\s+/).map(colourNumber);
      const lengths = record.chains.map((chain) => chain.sequence.length);
      const starts = lengths.map((_, index) => chainRange(record, index)[0]);
      return (residue) => {
        const length = lengths[residue.chainIndex];
        const place = length < 2 ? 0 : (residue.index - starts[residue.chainIndex]) / (length - 1) * (stops.length - 1);
        const lower = Math.min(Math.floor(place), stops.length - 2);
        return hexColour(mixedColour(stops[lower], stops[lower + 1], place - lower));
      };
    },
    legend: () => [el("span", { class: "legend-text" }, "first residue"), rainbowBar(),
      el("span", { class: "legend-text" }, "last")],
  },
  residue: {
    title: "Residue type (Zappo groups)",
    of: () => {
      const colours = residueGroups.map((_, index) => colour(`--group-${index}`));
      return (residue) => {
        const group = residueGroups.findIndex(({ letters }) => letters.includes(residue.letter.toUpperCase()));
        return group < 0 ? classColour(-1) : colours[group];
      };
    },
    legend: () => residueGroups.map(({ name }, index) => legendItem(`--group-${index}`, name)),
  },
};

const representations = {
  "cartoon": "Cartoon", "cartoon+sticks": "Cartoon and sticks", "sticks": "Sticks", "surface": "Surface",
};

function hexColour(number) {
  return `#${number.toString(16).padStart(6, "0")}`;
}

/** A swatch and its name. */
function legendItem(variable, name, more = null) {
  const swatch = el("span", { class: "swatch", "aria-hidden": "true" });
  swatch.style.background = `var(${variable})`;
  return el("span", { class: "legend-item" }, swatch, name, more && el("span", { class: "quiet" }, ` ${more}`));
}

/** The classes of pLDDT, best first. */
function confidenceLegend() {
  return confidenceClasses.toReversed().map(({ name, range, variable }) => legendItem(variable, name, range));
}

function rainbowBar() {
  const bar = el("span", { class: "rainbow-bar", "aria-hidden": "true" });
  bar.style.background = `linear-gradient(to right, ${colour("--rainbow").split(/\s+/).join(", ")})`;
  return bar;
}

/** A labelled choice. */
function choiceOf(label, options, onchange) {
  const select = el("select", { onchange: () => onchange(select.value) },
    Object.entries(options).map(([value, name]) => el("option", { value }, name)));
  return { element: el("label", { class: "field" }, el("span", {}, label), select), select };
}

/** A file's name for pictures and the like: that of the results, which is safe. */
function fileStem(record) {
  const name = record.files[0]?.name.replace(/\.\w+$/, "") ?? record.summary.name;
  return name.replace(/[^\w.+-]+/g, "_");
}

/**
 * The panel and what it does: `choose` and `point` follow the selection, `zoom` shows the choice, `ready` is a promise
 * of the first picture.
 */
function structurePanel(record, selection) {
  const state = { viewer: null, disposed: false, colouring: "plddt", colours: null, style: "cartoon" };
  const stageElement = el("div", { class: "stage", "data-state": "loading" },
    el("p", { class: "stage-text" }, "Loading the structure …"));
  const legend = el("div", { class: "legend" });
  const say = (text) => {
    stageElement.dataset.state = "none";
    stageElement.replaceChildren(el("p", { class: "stage-text" }, text));
    controls.hidden = true;
  };

  const colouringChoice = choiceOf("Colour", Object.fromEntries(
    Object.entries(colourings).map(([key, { title }]) => [key, title])), (value) => {
    state.colouring = value;
    recolour();
  });
  const styleChoice = choiceOf("Show as", representations, (value) => {
    state.style = value;
    // A surface takes a moment, in which the page says so.
    stageElement.classList.toggle("busy", value === "surface");
    setTimeout(() => {
      try { state.viewer?.setStyle(value); } finally { stageElement.classList.remove("busy"); }
    }, value === "surface" ? 60 : 0);
  });
  const spin = el("button", { type: "button", "aria-pressed": "false", onclick: () => {
    const on = spin.getAttribute("aria-pressed") !== "true";
    spin.setAttribute("aria-pressed", String(on));
    state.viewer?.spin(on);
  } }, "Spin");
  const reset = el("button", { type: "button", onclick: () => state.viewer?.reset() }, "Reset view");
  const zoom = el("button", { type: "button", disabled: true, onclick: () => state.viewer?.zoomToChoice() },
    "Zoom to choice");
  const full = el("button", { type: "button", onclick: () => toggleFullScreen(stageElement) }, "Full screen");
  const background = el("select", { "aria-label": "Background of the picture" },
    el("option", { value: "shown" }, "background as shown"), el("option", { value: "white" }, "white background"),
    el("option", { value: "transparent" }, "no background"));
  const picture = el("button", { type: "button", onclick: () => takePicture() }, "Save picture");
  const controls = el("div", { class: "controls" }, colouringChoice.element, styleChoice.element,
    el("span", { class: "buttons" }, spin, reset, zoom, full, picture, background));
  const element = panel("Structure", "structure", controls, stageElement, legend);

  function recolour() {
    const colouring = colourings[state.colouring];
    state.colours = colouring.of(record);
    legend.replaceChildren(...colouring.legend(record));
    state.viewer?.recolour();
  }

  async function takePicture() {
    if (!state.viewer) return;
    picture.disabled = true;
    picture.textContent = "Drawing …";
    // A moment in which the page says so: the picture is drawn in many parts.
    await new Promise((resolve) => setTimeout(resolve, 30));
    try {
      const name = `${fileStem(record)}.png`;
      download(name, await state.viewer.picture(background.value));
      announce(`Saved the picture ${name}`);
    } finally {
      picture.textContent = "Save picture";
      picture.disabled = false;
    }
  }

  async function start() {
    recolour();
    if (!record.files.some((file) => file.kind === record.structureKind)) {
      return say("This result has no file of the structure.");
    }
    try {
      const text = await record.file(record.structureKind);
      if (state.disposed) return;
      const place = el("div", { class: "stage-canvas" });
      stageElement.append(place);
      const viewer = await makeViewer(place, {
        text, kind: record.structureKind, residues: record.residues, marks: selection.marks,
        label: `3D structure of ${record.summary.name}. Arrow keys turn it, plus and minus zoom.`,
        colourOf: (residue) => state.colours(residue),
        onPoint: (index, pointer) => {
          selection.point(index);
          if (index === null) pointerTip.hide();
          else pointerTip.show(tipText(record.residues[index]), pointer.x, pointer.y);
        },
        onPick: (index, extend) => selection.move(index, extend),
      });
      if (state.disposed) return viewer.dispose();
      state.viewer = viewer;
      viewer.setStyle(state.style);
      viewer.reset();
      viewer.setMarks();
      viewer.draw();
      stageElement.querySelector(".stage-text")?.remove();
      stageElement.dataset.state = "drawn";
      performance.mark("first-picture");
      viewer.smoothen();
    } catch (error) {
      if (state.disposed) return;
      say(error instanceof NoViewer ? error.message : `The structure cannot be shown: ${error.message}.`);
    }
  }

  stageElement.addEventListener("keydown", (event) => { if (event.key === "Escape") selection.clear(); });
  let waiting = 0;
  return {
    element,
    ready: start(),
    choose() {
      zoom.disabled = selection.isEmpty || !state.viewer;
      // While a range is drawn, the structure follows a little later: it is the slowest.
      clearTimeout(waiting);
      waiting = setTimeout(() => state.viewer?.setMarks(), 60);
    },
    point() {
      state.viewer?.point([selection.pointed, selection.pointedSecond].filter((index) => index !== null));
    },
    appearance() {
      state.viewer?.setBackground();
      recolour();
      state.viewer?.draw();
    },
    dispose() {
      state.disposed = true;
      clearTimeout(waiting);
      state.viewer?.dispose();
      state.viewer = null;
    },
  };
}

/** "A 14 alanine · pLDDT 92.1 (very high)". */
function tipText(residue) {
  const value = residue.plddt === null ? "no value" : `pLDDT ${fixed(residue.plddt, 1)} (${className(residue.cls)})`;
  return `${residuePlace(residue)} ${residueNames[residue.letter.toUpperCase()] ?? residue.letter} · ${value}`;
}

function toggleFullScreen(element) {
  if (document.fullscreenElement) document.exitFullscreen();
  else element.requestFullscreen?.().catch(() => announce("This browser does not allow full screen here"));
}
