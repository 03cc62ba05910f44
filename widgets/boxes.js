// Names and boxes, as Tracer and Memory draw them: a name points to its value, or by a numbered arrow
// to a box, so that two names on one list show the same number (and the same border pattern).
function shownValue(shown) {
  if (shown.box === undefined) return make("code", { class: "soc-value", text: shown.text, title: shown.type });
  return make("span", { class: `soc-ref soc-box-${shown.box % 4}`, text: `➜ ${shown.box}` });
}

function namesTable(self, names, caption, changed = new Set()) {
  if (Object.keys(names).length === 0) return make("p", { class: "soc-label", text: `${caption}: –` });
  const rows = Object.entries(names).map(([name, shown]) =>
    make("tr", { class: changed.has(name) ? "soc-changed" : null },
      make("th", { scope: "row" }, make("code", { text: name })),
      make("td", {}, shownValue(shown), changed.has(name) ? make("span", { class: "soc-new", text: ` ● ${self.word("tracer.new")}` }) : null)),
  );
  return make("table", { class: "soc-names" }, make("caption", { text: caption }), make("tbody", {}, ...rows));
}

function boxList(self, boxes) {
  const items = Object.entries(boxes).map(([number, box]) => {
    const cells = box.items.map(([key, value]) =>
      make("li", {}, key == null ? null : make("span", { class: "soc-key", text: key.text ?? `➜ ${key.box}` }), shownValue(value)));
    if (box.more) cells.push(make("li", { class: "soc-more", text: `… +${box.more}` }));
    return make("li", { class: `soc-thing soc-box-${number % 4}` },
      make("p", { class: "soc-thing-name", text: `${number} · ${box.type}` }),
      make("ol", { class: "soc-cells" }, ...cells));
  });
  return items.length ? make("ul", { class: "soc-boxes", "aria-label": self.word("memory.boxes") }, ...items) : null;
}
