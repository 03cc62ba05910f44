// Quiz and Recall: each question has its own button and its own reply; answering again is free.
function drawQuiz(self) {
  const { state, local, word } = self;
  local.drafts ??= {};
  const done = state.questions.filter((question) => question.value != null).length;
  const questions = state.questions.map((question, i) => oneQuestion(self, question, i));
  return [
    make("ol", { class: "soc-questions" }, ...questions),
    make("p", { class: "soc-note", text: word("quiz.progress", { done, all: state.questions.length }) }),
    state.days ? make("p", { class: "soc-note", text: word("recall.days", { days: state.days }) }) : null,
  ].filter(Boolean);
}

function oneQuestion(self, question, i) {
  const { local, word } = self;
  const { id } = question;
  const draft = local.drafts[id] ?? (question.kind === "number" && question.value != null ? String(question.value) : question.value);
  const answer = () => {
    const given = local.drafts[id] ?? question.value;
    if (given == null || given.length === 0 || String(given).trim() === "") return self.announce(word("predict.choose"));
    self.announce(word("common.saving"));
    self.report("reply", { question: id, value: given });
  };
  const number = make("span", { class: "soc-number", text: `${i + 1}. ` });
  const input = questionInput(self, question, draft, (value) => { local.drafts[id] = value; }, number);
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") answer(); });
  const again = question.value != null;
  const button = make("button", {
    type: "button", class: again ? null : "soc-main", "data-key": `${id}-main`,
    text: word(again ? "quiz.again" : "quiz.answer"), on: { click: answer },
  });
  return make("li", { class: "soc-question" }, input, button, replyTo(self, question));
}

function replyTo(self, question) {
  const box = make("div", { role: "group", "aria-live": "polite" });
  if (question.value == null) return box;
  const [sign, id, look] = { true: ["✓", "quiz.right", "soc-good"], false: ["→", "quiz.notyet", "soc-warm"], null: ["•", "quiz.noted", ""] }[String(question.right)];
  const reply = make("div", { class: `soc-reply ${look}` }, make("strong", { text: `${sign} ${self.word(id)}` }));
  reply.append(...question.replies.map((text) => saying("p", text)));
  box.append(reply);
  return box;
}

export default { render: (view) => card(view, drawQuiz) };
