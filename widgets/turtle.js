// Turtle: draws the marks one after another as SVG, at the turtle's speed; all at once for who asked
// the computer for less motion.
const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  if (text !== undefined) node.textContent = text;
  return node;
}

function markNode([kind, ...rest]) {
  if (kind === "l") {
    const [x1, y1, x2, y2, stroke, width] = rest;
    return shape("line", { x1, y1, x2, y2, stroke, "stroke-width": width, "stroke-linecap": "round" });
  }
  if (kind === "f") return shape("polygon", { points: rest[0].map((p) => p.join(",")).join(" "), fill: rest[1], "fill-rule": "evenodd" });
  if (kind === "d") return shape("circle", { cx: rest[0], cy: rest[1], r: rest[3] / 2, fill: rest[2] });
  const [x, y, fill, text, size, align] = rest;
  return shape("text", { x, y, fill, "font-size": size, "text-anchor": { left: "start", center: "middle", right: "end" }[align] }, text);
}

function drawTurtle(self) {
  const { state, local, word } = self;
  const [x, y, width, height] = state.box;
  const svg = shape("svg", { viewBox: state.box.join(" "), width, height, role: "img", "aria-label": state.label, class: "soc-sheet" });
  svg.append(shape("rect", { x, y, width, height, fill: state.background }));
  local.svg = svg;
  local.run ??= 0;
  play(self, state.speed);
  const again = make("button", { type: "button", text: word("turtle.again"), "data-key": "again", on: { click: () => play(self, state.speed || 6) } });
  const whole = make("button", { type: "button", text: word("turtle.whole"), "data-key": "whole", on: { click: () => play(self, 0) } });
  return [svg, make("div", { class: "soc-row" }, again, whole)];
}

function play(self, speed) {
  const { state, local } = self;
  const run = ++local.run; // an older animation stops when a newer one begins
  while (local.svg.childNodes.length > 1) local.svg.lastChild.remove();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (!speed || calm) return local.svg.append(...state.marks.map(markNode));
  // Speed n shows about 2n² strokes a second, but no drawing takes longer than fifteen seconds.
  const each = Math.max(2 * speed * speed, state.marks.length / 15);
  const began = performance.now();
  let drawn = 0;
  const frame = (now) => {
    if (run !== local.run) return;
    const due = Math.min(state.marks.length, Math.ceil(((now - began) / 1000) * each));
    for (; drawn < due; drawn += 1) local.svg.append(markNode(state.marks[drawn]));
    if (drawn < state.marks.length) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

export default { render: (view) => card(view, drawTurtle) };
