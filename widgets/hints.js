// Hints: three rungs; the next one opens by its button, the opened ones stay open.
function drawHints(self) {
  const { state, word } = self;
  const rungs = state.names.map((name, i) => {
    const open = i < state.open.length;
    const head = make("p", { class: "soc-rung", text: `${i + 1}. ${name}` });
    if (open) return make("li", {}, head, saying("p", state.open[i], { class: "soc-reply" }));
    if (i > state.open.length) return make("li", { class: "soc-later" }, head);
    const button = make("button", {
      type: "button",
      text: `${word("hints.open")}: ${name}`,
      "data-key": "next",
      on: { click: () => self.report("open", i + 1) },
    });
    return make("li", {}, head, button);
  });
  const all = state.open.length === state.names.length;
  return [
    make("p", { class: "soc-note", text: word("hints.free") }),
    make("ol", { class: "soc-ladder", "aria-live": "polite" }, ...rungs),
    all ? make("p", { class: "soc-reply soc-good", text: word("hints.sister") }) : null,
  ].filter(Boolean);
}

export default { render: (view) => card(view, drawHints) };
