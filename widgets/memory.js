// Memory: the names on one side, the boxes on the other, and a sentence for names that share a box.
function drawMemory(self) {
  const { state, word } = self;
  return [
    namesTable(self, state.names, word("memory.names")),
    boxList(self, state.boxes),
    ...state.shared.map((text) => make("p", { class: "soc-reply", text })),
  ].filter(Boolean);
}

export default { render: (view) => card(view, drawMemory) };
