// Path: the weeks as a list; where she is, what is begun, and her effort. Nothing here compares her.
const MARKS = { here: "➜", begun: "✓", ahead: "○" };

function drawPath(self) {
  const { state, word } = self;
  const weeks = state.weeks.map(([text, lang, mark], i) =>
    make("li", { class: `soc-week soc-week-${mark}`, "aria-current": mark === "here" ? "step" : null },
      make("span", { class: "soc-mark", "aria-hidden": "true", text: MARKS[mark] }),
      make("span", { class: "soc-week-no", text: `${i + 1}` }),
      saying("span", [text, lang]),
      make("span", { class: "soc-hidden", text: ` (${word({ here: "path.here", begun: "path.begun", ahead: "path.ahead" }[mark])})` })));
  const badges = state.badges.map(([, text]) => make("li", { class: "soc-badge" }, make("span", { "aria-hidden": "true", text: "★ " }), text));
  return [
    make("ol", { class: "soc-weeks" }, ...weeks),
    badges.length ? make("ul", { class: "soc-badges", "aria-label": word("path.effort") }, ...badges) : make("p", { text: word("path.nothing") }),
    make("p", { class: "soc-note", text: state.streak }),
  ];
}

export default { render: (view) => card(view, drawPath) };
