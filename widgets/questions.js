// One question's input, as Predict, Quiz, Recall and Survey show it.
// `draft` is what she chose or typed and hasn't kept yet; `changed(value)` is called on each change.
function questionInput(self, question, draft, changed, legend) {
  const key = `${question.id}-in`;
  const label = saying("span", question.prompt, { class: "soc-prompt" });
  const code = question.code ? codeBlock(question.code, self.word("common.code")) : null;
  if (question.kind === "choice" || question.kind === "many") {
    const kind = question.kind === "choice" ? "radio" : "checkbox";
    const options = question.choices.map(([choice, text, lang]) =>
      make(
        "label",
        { class: "soc-option" },
        make("input", {
          type: kind,
          name: `${self.name}-${question.id}`,
          value: choice,
          checked: kind === "radio" ? draft === choice : (draft ?? []).includes(choice),
          "data-key": `${key}-${choice}`,
          on: {
            change: (event) => {
              if (kind === "radio") changed(choice);
              else {
                const others = (draft ?? []).filter((one) => one !== choice);
                draft = event.target.checked ? [...others, choice] : others;
                changed(draft);
              }
            },
          },
        }),
        saying("span", [text, lang]),
      ),
    );
    return make("fieldset", {}, make("legend", {}, legend ?? null, label), code, ...options);
  }
  const id = `${self.name}-${question.id}`;
  const input = make(question.long ? "textarea" : "input", {
    id,
    class: "soc-field",
    type: question.long ? null : "text",
    inputmode: question.kind === "number" ? "decimal" : "text",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    maxlength: 2000,
    value: draft ?? "",
    placeholder: self.word(question.kind === "number" ? "common.number" : "common.text"),
    "data-key": key,
    on: { input: (event) => changed(event.target.value) },
  });
  return make("div", {}, make("label", { for: id }, legend ?? null, label), code, input);
}
