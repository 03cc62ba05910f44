// Survey: every question may stay empty; answers are kept as they are given, and leave this machine's
// private folder only by the tick and the button at the end.
function drawSurvey(self) {
  const { state, local, word } = self;
  local.drafts ??= {};
  const questions = state.questions.map((question) => {
    const long = { ...question, long: question.kind === "text" };
    const kept = question.value == null ? null : question.kind === "number" ? String(question.value) : question.value;
    const input = questionInput(self, long, local.drafts[question.id] ?? kept, (value) => {
      local.drafts[question.id] = value;
      if (question.kind === "choice" || question.kind === "many") keep(self, question.id);
    });
    if (question.kind !== "choice" && question.kind !== "many") input.addEventListener("change", () => keep(self, question.id));
    return make("li", { class: "soc-question" }, input);
  });
  return [
    state.about ? saying("p", state.about) : null,
    make("p", { class: "soc-note", text: word("survey.private") }),
    make("ol", { class: "soc-questions" }, ...questions),
    ...(state.sent ? sent(self) : consent(self)),
  ].filter(Boolean);
}

function keep(self, id) {
  const value = self.local.drafts[id];
  if (value !== undefined && String(value).trim() !== "") self.report("reply", { question: id, value });
}

function consent(self) {
  const { local, word } = self;
  const button = make("button", {
    type: "button", class: "soc-main", text: word("survey.send"), "data-key": "send", disabled: !local.agreed,
    on: { click: () => { local.agreed = false; self.report("send", true); } },
  });
  const tick = make("input", {
    type: "checkbox", checked: Boolean(local.agreed), "data-key": "agree",
    on: { change: (event) => { local.agreed = event.target.checked; self.redraw(); } },
  });
  return [make("label", { class: "soc-option" }, tick, make("span", { text: word("survey.agree") })), button];
}

function sent(self) {
  const { word } = self;
  return [
    make("p", { class: "soc-reply soc-good", text: `✓ ${word("survey.sent")}` }),
    make("button", { type: "button", text: word("survey.takeback"), "data-key": "send", on: { click: () => self.report("takeback", true) } }),
  ];
}

export default { render: (view) => card(view, drawSurvey) };
