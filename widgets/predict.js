// Predict: choose or type, keep, read the reply to what was chosen, change one's mind.
function drawPredict(self) {
  const { state, local, word } = self;
  if (state.value != null && !local.changing) return kept(self);
  if (local.draft === undefined) local.draft = state.value;
  const keep = () => {
    const empty = local.draft == null || String(local.draft).trim() === "" || local.draft.length === 0;
    if (empty) return self.announce(word("predict.choose"));
    local.changing = false;
    self.announce(word("common.saving"));
    self.report("keep", local.draft);
  };
  const input = questionInput(self, state.question, local.draft, (value) => { local.draft = value; });
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") keep(); });
  return [input, make("button", { class: "soc-main", type: "button", text: word("predict.keep"), "data-key": "main", on: { click: keep } })];
}

function kept(self) {
  const { state, local, word } = self;
  return [
    saying("p", state.question.prompt),
    state.question.code ? codeBlock(state.question.code, word("common.code")) : null,
    make("p", { class: "soc-kept" }, make("strong", { text: `${word("predict.mine")} ` }), saying("span", [state.label, state.lang])),
    make("div", { role: "group", "aria-live": "polite" }, ...state.replies.map((reply) => saying("p", reply, { class: "soc-reply" }))),
    make("p", { text: word("predict.run") }),
    make("button", {
      type: "button",
      text: word("predict.change"),
      "data-key": "main",
      on: { click: () => { local.changing = true; local.draft = state.value; self.redraw(); } },
    }),
  ].filter(Boolean);
}

export default { render: (view) => card(view, drawPredict) };
