// The 3D viewer behind a small interface: nothing else knows NGL.

/** Why there is no picture, in words for the reader. */
class NoViewer extends Error {}

let viewerCode = null;

/** Unpacks and runs the viewer's script on first use; the page's policy names its digest. */
function loadViewerCode() {
  viewerCode ??= (async () => {
    const stored = document.getElementById("viewer-code");
    if (!stored) {
      throw new NoViewer("This report was made by a build without the 3D viewer; "
        + "run Scripts/fetch-viewer and build again.");
    }
    const stream = new Blob([bytesOf(stored.textContent.trim())]).stream()
      .pipeThrough(new DecompressionStream("gzip"));
    const script = el("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
    script.remove();
    if (!globalThis.NGL) throw new NoViewer("This browser did not run the 3D viewer of this report.");
    NGL.setDebug(false);
  })();
  return viewerCode;
}

/** Whether this browser draws in 3D. */
function hasWebGL() {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

/** "#rrggbb" as a number. */
function colourNumber(text) {
  return parseInt(text.slice(1), 16);
}

/** Between two colours, as numbers. */
function mixedColour(from, to, share) {
  let mixed = 0;
  for (const shift of [16, 8, 0]) {
    const a = (from >> shift) & 255, b = (to >> shift) & 255;
    mixed |= Math.round(a + (b - a) * share) << shift;
  }
  return mixed;
}

const sticksAtMost = 400;  // With more chosen residues, sticks hide more than they show.

/** Runs something without the note that a part of NGL writes into the console on a setting that NGL means. */
function quietly(action) {
  const { warn } = console;
  console.warn = (...all) => { if (!String(all[0]).includes("useLegacyLights")) warn.apply(console, all); };
  try { return action(); } finally { console.warn = warn; }
}

/**
 * A viewer in the element `place`, of the structure `text` ("pdb" or "cif"). `colourOf(residue)` gives "#rrggbb";
 * `marks` is the selection's. Events: `onPoint(index or null, event position)`, `onPick(index, extend)`.
 */
async function makeViewer(place, { text, kind, residues, label, marks, colourOf, onPoint, onPick }) {
  if (!hasWebGL()) {
    throw new NoViewer("This browser cannot draw in 3D (WebGL is missing or switched off). "
      + "The plots, the sequence and the files do not need it.");
  }
  await loadViewerCode();
  const stage = quietly(() => new NGL.Stage(place, {
    backgroundColor: colour("--stage"), tooltip: false, hoverTimeout: 30, fogNear: 55, cameraFov: 30, sampleLevel: -1,
  }));
  let component;
  try {
    component = await stage.loadFile(new Blob([text], { type: "text/plain" }), { ext: kind, defaultAssembly: "" });
    if (!component?.structure?.atomCount) throw new Error("it has no atoms");
  } catch (error) {
    stage.dispose();
    throw new NoViewer(`The structure cannot be shown: ${error?.message ?? error}.`);
  }
  const structure = component.structure, canvas = stage.viewer.renderer.domElement;
  const { indexOf, atomsOf, loose } = structureMap(structure, residues);

  const colours = new Uint32Array(residues.length);
  const schemes = [];
  const scheme = (colourOfAtom) => {
    const id = NGL.ColormakerRegistry.addScheme(function () { this.atomColor = colourOfAtom; });
    schemes.push(id);
    return id;
  };
  const bare = () => colourNumber(colour("--plddt-none"));
  const general = scheme((atom) => colours[indexOf[atom.residueIndex]] ?? bare());

  const mainRepresentations = [];
  const chosenSticks = component.addRepresentation("licorice",
    { sele: "none", color: general, radiusScale: 1.15, multipleBond: "off" });
  const pointedBalls = component.addRepresentation("ball+stick",
    { sele: "none", color: scheme(() => colourNumber(colour("--pointed"))), radiusScale: 2, multipleBond: "off",
      opacity: 0.45 });

  /** The colours of all residues: those that are not chosen become pale while others are. */
  function setColours() {
    const any = marks.some((mark) => mark !== 0);
    const first = colourNumber(colour("--chosen")), second = colourNumber(colour("--chosen-second"));
    const paper = colourNumber(colour("--stage-pale"));
    for (const residue of residues) {
      const mark = marks[residue.index], own = colourNumber(colourOf(residue));
      colours[residue.index] = mark === 2 ? second : mark !== 0 ? first : any ? mixedColour(own, paper, 0.62) : own;
    }
  }

  function selected(indices) {
    const atoms = indices.flatMap((index) => atomsOf[index] ?? []);
    return atoms.length === 0 ? "none" : `@${atoms.join(",")}`;
  }
  const chosenIndices = () => residues.filter((residue) => marks[residue.index] !== 0).map((residue) => residue.index);

  function recolour() {
    setColours();
    for (const representation of mainRepresentations) representation.update({ color: true });
    chosenSticks.update({ color: true });
    stage.viewer.requestRender();
  }

  function setStyle(style) {
    for (const representation of mainRepresentations.splice(0)) component.removeRepresentation(representation);
    setColours();
    const add = (name, parameters) =>
      mainRepresentations.push(component.addRepresentation(name, { color: general, ...parameters }));
    const fine = residues.length < 400;
    const cartoon = { aspectRatio: 5, subdiv: fine ? 10 : 6, radialSegments: fine ? 16 : 10, smoothSheet: true };
    const sticks = { multipleBond: "off" };
    if (style.startsWith("cartoon")) add("cartoon", cartoon);
    if (style === "cartoon" && loose !== "none") add("licorice", { ...sticks, sele: loose });
    if (style === "cartoon+sticks") add("licorice", { ...sticks, radiusScale: 0.6 });
    if (style === "sticks") add("licorice", sticks);
    if (style === "surface") {
      const scaleFactor = residues.length < 300 ? 2 : residues.length < 900 ? 1.4 : 0.9;
      add("surface", { surfaceType: "av", probeRadius: 1.4, scaleFactor, useWorker: false, opacity: 1 });
    }
  }

  /** Draws now, and returns when it is drawn: reading a pixel waits for it. */
  function draw() {
    const context = stage.viewer.renderer.getContext();
    stage.viewer.render();
    context.readPixels(0, 0, 1, 1, context.RGBA, context.UNSIGNED_BYTE, new Uint8Array(4));
  }

  /** Seconds of movement, none for those who asked for less motion. */
  const moving = (milliseconds) => matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : milliseconds;

  stage.mouseControls.remove("hoverPick");
  stage.mouseControls.remove("clickPick-left");
  stage.mouseControls.remove("clickPick-right");
  stage.mouseControls.remove("clickPick-ctrl-left");
  const picked = (proxy) => {
    const atom = proxy?.atom ?? proxy?.closestBondAtom;
    const index = atom ? indexOf[atom.residueIndex] : -1;
    return index >= 0 ? index : null;
  };
  let pointer = { x: 0, y: 0, shift: false };
  const onPointer = (event) => { pointer = { x: event.clientX, y: event.clientY, shift: event.shiftKey }; };
  canvas.addEventListener("pointermove", onPointer);
  canvas.addEventListener("pointerdown", onPointer);
  canvas.addEventListener("pointerleave", () => onPoint(null, pointer));
  stage.signals.hovered.add((proxy) => onPoint(picked(proxy), pointer));
  stage.signals.clicked.add((proxy) => { const at = picked(proxy); if (at !== null) onPick(at, pointer.shift); });

  stage.keyControls.clear();
  canvas.setAttribute("tabindex", "0");
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", label);
  canvas.style.outline = "";
  canvas.addEventListener("keydown", (event) => { if (turned(stage, event)) event.preventDefault(); });
  const observer = new ResizeObserver(() => stage.handleResize());
  observer.observe(place);

  return {
    setStyle,
    recolour,
    setMarks() {
      recolour();
      const chosen = chosenIndices();
      chosenSticks.setSelection(chosen.length > sticksAtMost ? "none" : selected(chosen));
    },
    point(indices) { pointedBalls.setSelection(selected(indices)); },
    setBackground(text = colour("--stage")) { stage.setParameters({ backgroundColor: text }); },
    draw,
    /** A picture that rests is drawn 32 times for smooth edges, where once is quick. */
    smoothen() {
      const start = performance.now();
      draw();
      const one = performance.now() - start;
      if (one < 12) stage.setParameters({ sampleLevel: 0 });
    },
    zoomToChoice() {
      const atoms = selected(chosenIndices());
      if (atoms === "none") return false;
      component.autoView(atoms, moving(600));
      return true;
    },
    reset() {
      stage.viewerControls.orient(new NGL.Matrix4());
      component.autoView(moving(0));
    },
    spin(on) { stage.setSpin(on); },
    async picture(background) {
      const transparent = background === "transparent";
      if (background === "white") stage.setParameters({ backgroundColor: "#ffffff" });
      try {
        const factor = Math.max(1, Math.min(3, Math.round(1600 / canvas.clientWidth)));
        return await stage.makeImage({ factor, antialias: true, trim: false, transparent });
      } finally {
        stage.setParameters({ backgroundColor: colour("--stage") });
      }
    },
    dispose() {
      observer.disconnect();
      for (const id of schemes) NGL.ColormakerRegistry.removeScheme(id);
      const { renderer } = stage.viewer;
      stage.setSpin(false);
      stage.dispose();
      renderer.forceContextLoss();
      place.replaceChildren();
    },
  };
}

/**
 * Which residue each of the structure's is (or -1), the atoms of each residue, and a selection of the atoms that a
 * cartoon leaves out: stretches of fewer than four residues.
 */
function structureMap(structure, residues) {
  const places = new Map(residues.map((residue) => [`${residue.chain}:${residue.number}`, residue.index]));
  const indexOf = new Int32Array(structure.residueStore.count).fill(-1), atomsOf = [];
  structure.eachResidue((residue) => {
    const index = places.get(`${residue.chainname}:${residue.resno}`)
      ?? places.get(`${residue.chainid}:${residue.resno}`);
    if (index === undefined) return;
    indexOf[residue.index] = index;
    atomsOf[index] = Array.from({ length: residue.atomCount }, (_, offset) => residue.atomOffset + offset);
  });
  const drawn = new Set();
  structure.eachPolymer((polymer) => {
    if (polymer.residueCount < 4) return;
    for (let at = 0; at < polymer.residueCount; at++) drawn.add(indexOf[polymer.residueIndexStart + at]);
  });
  const loose = residues.filter((residue) => atomsOf[residue.index] && !drawn.has(residue.index))
    .flatMap((residue) => atomsOf[residue.index]);
  return { indexOf, atomsOf, loose: loose.length === 0 ? "none" : `@${loose.join(",")}` };
}

/** Keys of the picture: arrows turn it, plus and minus zoom. */
function turned(stage, event) {
  const axes = { ArrowLeft: [0, 1, 0], ArrowRight: [0, -1, 0], ArrowUp: [1, 0, 0], ArrowDown: [-1, 0, 0] };
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  if (axes[event.key]) stage.viewerControls.spin(new NGL.Vector3(...axes[event.key]), 0.15);
  else if (event.key === "+" || event.key === "=") stage.viewerControls.zoom(0.1);
  else if (event.key === "-") stage.viewerControls.zoom(-0.1);
  else return false;
  return true;
}
