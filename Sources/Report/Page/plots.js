// The plots of the index: how many records have which mean pLDDT, and length against pLDDT. Plain SVG; many points are
// on a canvas, with one link that moves to the point under the mouse or of the keyboard.

const mostLinks = 2000;

function svg(name, attributes, ...children) {
  return el(`svg:${name}`, attributes, ...children);
}

/** Round steps of 1, 2 or 5 for about `count` ticks from 0 to `most`. */
function roundStep(most, count) {
  const rough = Math.max(most / count, 1e-9), power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

/** Ticks of whole numbers from `first` to `last`. */
function linearTicks(first, last, count) {
  const step = Math.max(1, roundStep(last - first, count)), ticks = [];
  for (let tick = Math.ceil(first / step) * step; tick <= last; tick += step) ticks.push(tick);
  return ticks;
}

/** 1, 2 and 5 times powers of ten between two lengths. */
function logTicks(first, last) {
  const ticks = [];
  for (let power = 1; power <= last; power *= 10) ticks.push(power, 2 * power, 5 * power);
  return ticks.filter((tick) => tick >= first && tick <= last);
}

/** A figure that draws itself again when its width changes. `draw(width, height)` gives the contents. */
class Plot {
  constructor(title, description) {
    this.holder = el("div", { class: "plot" });
    this.tip = el("div", { class: "plot-tip", "aria-hidden": "true", hidden: true });
    this.element = el("figure", { class: "figure" },
      el("figcaption", {}, el("h2", {}, title), el("p", { class: "quiet" }, description)),
      el("div", { class: "plot-room" }, this.holder, this.tip));
    this.width = 0;
    new ResizeObserver(() => this.fit()).observe(this.holder);
  }

  /** Draws in the width that there is, if that is another one. */
  fit() {
    const width = this.holder.clientWidth;
    if (width === this.width || width === 0) return;
    this.width = width;
    this.holder.replaceChildren(...this.draw(width, 250));
  }

  /** The frame of axes: grid lines and ticks at both sides, and the names of the axes. */
  axes(width, height, box, x, y) {
    const parts = [];
    for (const { at, text } of y.ticks) {
      parts.push(svg("line", { class: "grid", x1: box.left, x2: box.right, y1: at, y2: at }),
        svg("text", { class: "tick", x: box.left - 8, y: at + 4, "text-anchor": "end" }, text));
    }
    for (const { at, text } of x.ticks) {
      parts.push(svg("line", { class: "axis", x1: at, x2: at, y1: box.bottom, y2: box.bottom + 4 }),
        svg("text", { class: "tick", x: at, y: box.bottom + 18, "text-anchor": "middle" }, text));
    }
    const middle = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    parts.push(svg("line", { class: "axis", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom }),
      svg("text", { class: "axis-name", "text-anchor": "middle", x: middle[0], y: height - 4 }, x.name),
      svg("text", { class: "axis-name", "text-anchor": "middle", transform: `translate(12 ${middle[1]}) rotate(-90)` },
        y.name));
    return svg("g", { "aria-hidden": "true" }, parts);
  }

  showTip(x, y, ...lines) {
    this.tip.replaceChildren(...lines.map((line) => el("div", {}, line)));
    this.tip.hidden = false;
    const width = this.tip.offsetWidth, height = this.tip.offsetHeight;
    this.tip.style.left = `${Math.min(Math.max(x - width / 2, 0), Math.max(this.width - width, 0))}px`;
    this.tip.style.top = `${y - height - 12 < 0 ? y + 14 : y - height - 12}px`;
  }

  hideTip() {
    this.tip.hidden = true;
  }
}

/** Bars of five points of pLDDT, each with its upper bound, so that no bar is of two classes. */
class Histogram extends Plot {
  constructor(records, chosen) {
    super("Mean pLDDT", "Records by confidence. A bar shows its records in the table.");
    this.chosen = chosen;
    this.counts = new Array(20).fill(0);
    for (const { plddt } of records) {
      if (typeof plddt === "number") this.counts[Math.min(Math.max(Math.ceil(plddt / 5) - 1, 0), 19)]++;
    }
  }

  draw(width, height) {
    const box = { left: 60, right: width - 16, top: 10, bottom: height - 42 }, most = Math.max(...this.counts, 1);
    const x = (plddt) => box.left + (plddt / 100) * (box.right - box.left);
    const y = (count) => box.bottom - (count / most) * (box.bottom - box.top);
    const ticks = linearTicks(0, most, 4).map((tick) => ({ at: y(tick), text: grouped(tick) }));
    // Where there is little room, only ticks that are bounds of classes, and those between.
    const below = width > 480 ? linearTicks(0, 100, 10) : [10, 30, 50, 70, 90];
    this.bars = this.counts.map((count, index) => count === 0 ? null : this.bar(index, count, x, y, box));
    return [svg("svg", { width, height, role: "group", "aria-label": "Records by mean pLDDT" },
      this.axes(width, height, box, { name: "Mean pLDDT", ticks: below.map((tick) => ({ at: x(tick), text: tick })) },
        { name: "Records", ticks }),
      this.bars.filter((bar) => bar !== null))];
  }

  bar(index, count, x, y, box) {
    const above = index * 5, upTo = above + 5, left = x(above) + 1, width = Math.max(x(upTo) - x(above) - 2, 1);
    const range = index === 0 ? "up to 5" : `above ${above} up to ${upTo}`, top = Math.min(y(count), box.bottom - 2);
    const choose = () => this.chosen(index === 0 ? null : above, upTo);
    const tell = () => this.showTip(left + width / 2, top, counted(count, "record"), `pLDDT ${range}`);
    return svg("g", {
      role: "button", tabindex: 0, class: "bar", "aria-pressed": String(this.pressed === index), "data-above": above,
      "aria-label": `${counted(count, "record")} with mean pLDDT ${range}`,
      onclick: choose, onmouseenter: tell, onfocus: tell,
      onmouseleave: () => this.hideTip(), onblur: () => this.hideTip(),
      onkeydown: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose();
      },
    }, svg("rect", { class: "hit", x: left - 1, y: box.top, width: width + 2, height: box.bottom - box.top }),
    svg("rect", { class: `fill-${confidenceClass(upTo)}`, x: left, y: top, width, height: box.bottom - top }));
  }

  /** Marks the bar whose range the filter has. */
  mark(above, upTo) {
    this.pressed = upTo === null || upTo - (above ?? 0) !== 5 ? -1 : (above ?? 0) / 5;
    for (const [index, bar] of (this.bars ?? []).entries()) {
      bar?.setAttribute("aria-pressed", String(index === this.pressed));
    }
  }
}

/** Length against mean pLDDT: each point is a link. */
class Scatter extends Plot {
  constructor(records) {
    super("Length and pLDDT", "Each point is a record and opens its page.");
    this.records = records;
    this.points = [...records.keys()]
      .filter((number) => typeof records[number].plddt === "number" && records[number].length > 0)
      .sort((a, b) => records[a].length - records[b].length || records[a].plddt - records[b].plddt);
    this.current = 0;
    this.allowed = null;
    document.addEventListener("appearance", () => this.paint());
  }

  draw(width, height) {
    const box = { left: 60, right: width - 16, top: 10, bottom: height - 42 };
    const lengths = this.points.map((number) => this.records[number].length);
    const values = this.points.map((number) => this.records[number].plddt);
    const shortest = lengths[0] ?? 1, longest = lengths.at(-1) ?? 100, isLog = longest / shortest > 12;
    const scale = isLog ? Math.log10 : (value) => value;
    const margin = (longest - shortest || 1) * 0.06;
    const first = isLog ? shortest / 1.15 : Math.max(0, shortest - margin);
    const last = isLog ? longest * 1.15 : longest + margin;
    const lowest = values.reduce((least, value) => Math.min(least, value), 100);
    const floor = Math.max(0, Math.min(60, Math.floor(lowest / 10 - 0.2) * 10));
    const part = (length) => (scale(length) - scale(first)) / (scale(last) - scale(first));
    const x = (length) => box.left + part(length) * (box.right - box.left);
    const y = (plddt) => box.bottom - (plddt - floor) / (100 - floor) * (box.bottom - box.top);
    const ticks = isLog ? logTicks(first, last) : linearTicks(first, last, width > 480 ? 8 : 5);
    const frame = this.axes(width, height, box, {
      name: `Length (residues${isLog ? ", logarithmic" : ""})`,
      ticks: ticks.map((tick) => ({ at: x(tick), text: grouped(tick) })),
    }, {
      name: "Mean pLDDT",
      ticks: linearTicks(floor, 100, 5).map((tick) => ({ at: y(tick), text: tick })),
    });
    this.places = this.points.map((number, index) => [x(lengths[index]), y(values[index])]);
    this.radius = this.points.length > 3000 ? 2 : this.points.length > 400 ? 3 : 4.5;
    this.canvas = this.links = null;
    const contents = this.points.length > mostLinks ? this.canvasPoints(width, height) : this.linkPoints();
    const records = counted(this.points.length, "record");
    const drawing = svg("svg", {
      width, height, role: "group", onkeydown: (event) => this.key(event),
      "aria-label": `Length against mean pLDDT of ${records}; arrow keys go from one to the next`,
    }, this.canvas ? null : frame, contents);
    return this.canvas ? [svg("svg", { width, height }, frame), this.canvas, drawing] : [drawing];
  }

  label(index) {
    const record = this.records[this.points[index]];
    return [record.name, `${counted(record.length, "residue")}, pLDDT ${fixed(record.plddt, 1)}`];
  }

  tell(index) {
    this.showTip(...this.places[index], ...this.label(index));
  }

  linkPoints() {
    this.links = this.points.map((number, index) => svg("a", {
      href: recordLink(number), class: this.radius < 4 ? "point small" : "point",
      "aria-label": this.label(index).join(", "), tabindex: index === this.current ? 0 : -1,
      onmouseenter: () => this.tell(index), onmouseleave: () => this.hideTip(),
      onfocus: () => { this.current = index; this.tell(index); }, onblur: () => this.hideTip(),
    }, svg("circle", { class: `fill-${confidenceClass(this.records[number].plddt)}`, r: this.radius,
      cx: this.places[index][0], cy: this.places[index][1] })));
    this.dim();
    return this.links;
  }

  /** Many points are painted; one link is moved to the point that is meant. */
  canvasPoints(width, height) {
    this.canvas = el("canvas", { "aria-hidden": "true" });
    Object.assign(this.canvas, { width: width * devicePixelRatio, height: height * devicePixelRatio });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    this.ring = svg("circle", { class: "ring", r: this.radius + 3 });
    this.link = svg("a", {
      class: "point", onfocus: () => this.tell(this.current), onblur: () => this.hideTip(),
    }, this.ring);
    this.moveTo(this.current);
    this.holder.onmousemove = (event) => this.point(event);
    this.holder.onmouseleave = () => this.hideTip();
    this.paint();
    return [this.link];
  }

  paint() {
    if (!this.canvas) return;
    const context = this.canvas.getContext("2d"), colours = [0, 1, 2, 3].map(classColour);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const isAllowed of [false, true]) {
      context.globalAlpha = isAllowed ? 0.8 : 0.12;
      for (const [index, number] of this.points.entries()) {
        if ((this.allowed === null || Boolean(this.allowed[number])) !== isAllowed) continue;
        context.fillStyle = colours[confidenceClass(this.records[number].plddt)];
        context.beginPath();
        context.arc(...this.places[index], this.radius, 0, 2 * Math.PI);
        context.fill();
      }
    }
  }

  moveTo(index) {
    this.current = index;
    this.ring.setAttribute("cx", this.places[index][0]);
    this.ring.setAttribute("cy", this.places[index][1]);
    this.link.setAttribute("href", recordLink(this.points[index]));
    this.link.setAttribute("aria-label", this.label(index).join(", "));
  }

  /** The nearest point within a few pixels of the mouse, of those that are not faded. */
  point(event) {
    const corner = this.holder.getBoundingClientRect();
    const mouse = [event.clientX - corner.left, event.clientY - corner.top];
    let nearest = -1, least = 64;
    for (const [index, [x, y]] of this.places.entries()) {
      const distance = (x - mouse[0]) ** 2 + (y - mouse[1]) ** 2;
      if (distance < least && (this.allowed?.[this.points[index]] ?? true)) [nearest, least] = [index, distance];
    }
    this.link.classList.toggle("pointed", nearest >= 0);
    if (nearest < 0) return this.hideTip();
    this.moveTo(nearest);
    this.tell(nearest);
  }

  key(event) {
    const steps = {
      ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 20, PageDown: -20,
      Home: -Infinity, End: Infinity,
    };
    if (!(event.key in steps) || this.points.length === 0) return;
    event.preventDefault();
    const next = Math.min(Math.max(this.current + steps[event.key], 0), this.points.length - 1);
    if (this.links) {
      this.links[this.current].setAttribute("tabindex", -1);
      this.links[next].setAttribute("tabindex", 0);
      this.links[next].focus();
    } else {
      this.moveTo(next);
      this.tell(next);
    }
  }

  /** Fades the points of records that the filter hides. */
  show(allowed) {
    this.allowed = allowed;
    this.dim();
    this.paint();
  }

  dim() {
    for (const [index, link] of (this.links ?? []).entries()) {
      link.classList.toggle("faded", this.allowed !== null && !this.allowed[this.points[index]]);
    }
  }
}
