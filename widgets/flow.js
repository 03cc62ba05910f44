// Flow: the diagram as SVG. The way that was taken is thick and solid, the other thin and dashed.
const SVG = "http://www.w3.org/2000/svg";

function drawn(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  if (text !== undefined) node.textContent = text;
  return node;
}

function wire([points, taken, label]) {
  const look = taken ? "soc-taken" : "soc-left-out";
  const nodes = [drawn("polyline", { points: points.map((point) => point.join(",")).join(" "), class: look })];
  const [end, before] = [points.at(-1), points.at(-2)];
  const down = end[1] > before[1];
  const right = end[0] > before[0];
  const [x, y] = end;
  const arrow = down ? [[x - 5, y - 8], [x + 5, y - 8], end] : right ? [[x - 8, y - 5], [x - 8, y + 5], end] : [[x + 8, y - 5], [x + 8, y + 5], end];
  nodes.push(drawn("polygon", { points: arrow.map((point) => point.join(",")).join(" "), class: "soc-head" }));
  if (label) {
    const [start, next] = points;
    const aside = next[0] > start[0];
    nodes.push(drawn("text", { x: start[0] + 6, y: start[1] + (aside ? -6 : 18), class: "soc-answer" }, label));
  }
  return nodes;
}

function shape([kind, x, y, width, height, text, count]) {
  const [left, top, half] = [x - width / 2, y - height / 2, height / 2];
  const ran = count > 0 ? "soc-ran" : "soc-rested";
  const outline = kind === "ask"
    ? drawn("polygon", { points: [[left, y], [left + half, top], [left + width - half, top], [left + width, y], [left + width - half, top + height], [left + half, top + height]].map((point) => point.join(",")).join(" "), class: ran })
    : drawn("rect", { x: left, y: top, width, height, rx: 6, class: ran });
  const times = drawn("text", { x: left + width - 4, y: top - 3, class: "soc-times" }, count > 1 ? `×${count}` : "");
  return [outline, drawn("text", { x, y: y + 5, class: "soc-step" }, text), times];
}

function drawFlow(self) {
  const { state, word } = self;
  const [, , width, height] = state.box;
  const svg = drawn("svg", { viewBox: state.box.join(" "), width, height, role: "img", "aria-label": state.label, class: "soc-diagram" });
  svg.append(...state.wires.flatMap(wire), ...state.shapes.flatMap(shape));
  const outline = state.shapes.map(([kind, , , , , text, count]) =>
    make("li", {}, make("code", { text }), ` ${word(kind === "ask" ? "flow.asked" : "flow.ran", { count })}`));
  const inWords = make("details", {}, make("summary", { text: word("flow.words") }), make("ol", {}, ...outline));
  const frame = make("div", { class: "soc-frame", tabindex: "0", role: "group", "aria-label": state.label }, svg);
  return [frame, make("p", { class: "soc-note", text: word("flow.legend") }), inWords];
}

export default { render: (view) => card(view, drawFlow) };
