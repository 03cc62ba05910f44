// Tracer: the recorded run, one step at a time. Everything is in the page already, so it also works
// when the kernel is gone.
const STEP_MS = 1500; // while it plays by itself: long enough to read a line and see what changed

function drawTracer(self) {
  const { state, local, word } = self;
  local.at ??= 0;
  const last = state.steps.length - 1;
  const step = state.steps[local.at];
  const go = (to, playing = false) => {
    if (!playing) stop(local);
    local.at = Math.min(last, Math.max(0, to));
    self.redraw();
    self.announce(word("tracer.now", { step: local.at + 1, all: last + 1, line: state.steps[local.at].line }));
  };
  const play = () => {
    if (local.timer) return stop(local), self.redraw();
    if (local.at === last) local.at = 0;
    local.timer = setInterval(() => {
      if (!self.root.isConnected || local.at >= last) stop(local);
      else if (local.at + 1 === last) stop(local), go(last);
      else go(local.at + 1, true);
    }, STEP_MS);
    self.redraw();
  };
  const button = (id, sign, to, off) =>
    make("button", { type: "button", "data-key": id, "aria-label": word(id), title: word(id), disabled: off, text: sign, on: { click: () => go(to) } });
  const slider = make("input", {
    type: "range", class: "soc-slider", min: 0, max: last, value: String(local.at), "data-key": "slider",
    "aria-label": word("tracer.step"), "aria-valuetext": word("tracer.now", { step: local.at + 1, all: last + 1, line: step.line }),
    on: { input: (event) => go(Number(event.target.value)) },
  });
  return [
    make("div", { class: "soc-stage" }, listing(self, step), picture(self, step)),
    caption(self, step, local.at === last),
    make("div", { class: "soc-row" },
      button("tracer.first", "|◀", 0, local.at === 0),
      button("tracer.back", "◀", local.at - 1, local.at === 0),
      button("tracer.next", "▶", local.at + 1, local.at === last),
      button("tracer.last", "▶|", last, local.at === last),
      make("button", { type: "button", "data-key": "play", text: word(local.timer ? "tracer.pause" : "tracer.play"), disabled: last === 0, on: { click: play } }),
      make("span", { class: "soc-count", text: `${local.at + 1} / ${last + 1}` })),
    slider,
  ];
}

function stop(local) {
  clearInterval(local.timer);
  local.timer = null;
}

function listing(self, step) {
  const lines = self.state.source.map((text, i) => {
    const here = i + 1 === step.line;
    return make("li", { class: here ? "soc-here" : null, "aria-current": here ? "step" : null },
      make("span", { class: "soc-arrow", "aria-hidden": "true", text: here ? "➜" : "" }),
      make("span", { class: "soc-no", "aria-hidden": "true", text: i + 1 }),
      make("code", { text: text || " " }));
  });
  return make("ol", { class: "soc-listing", tabindex: "0", "aria-label": self.word("common.code") }, ...lines);
}

function picture(self, step) {
  const { state, word, local } = self;
  const before = local.at > 0 ? state.steps[local.at - 1] : null;
  const frames = step.frames.map((index, depth) => {
    const frame = state.pool[index];
    const earlier = before && before.frames.length > depth ? state.pool[before.frames[depth]].names : {};
    const changed = new Set(Object.keys(frame.names).filter((name) => JSON.stringify(frame.names[name]) !== JSON.stringify(earlier[name])));
    return namesTable(self, frame.names, frame.name ? `${frame.name}()` : word("memory.names"), before ? changed : new Set());
  });
  const printed = state.output.slice(0, step.out);
  return make("div", { class: "soc-picture" }, ...frames, boxList(self, state.pool[step.boxes]) ?? "",
    printed ? make("div", {}, make("p", { class: "soc-label", text: word("tracer.output") }), codeBlock(printed, word("tracer.output"))) : "");
}

function caption(self, step, end) {
  const { state, word } = self;
  const box = make("div", { class: "soc-reply" });
  const own = state.captions[String(step.line)];
  if (own && step.event === "line") box.append(saying("p", own));
  const ends = end ? (state.error ? word("tracer.stopped", { error: state.error }) : word(state.cut ? "tracer.cut" : "tracer.end")) : null;
  if (step.event === "call") box.append(make("p", { text: word("tracer.call", { name: state.pool[step.frames.at(-1)].name }) }));
  else if (step.event === "return" && step.value !== undefined) box.append(make("p", { text: word("tracer.return", { name: state.pool[step.frames.at(-1)].name, value: flat(state.pool[step.value]) }) }));
  else if (!ends && step.event === "line") box.append(make("p", { text: word("tracer.about", { line: step.line }) }));
  if (ends) box.append(make("p", { text: ends }));
  return box;
}

const flat = (shown) => shown.text ?? `➜ ${shown.box}`;

export default { render: (view) => card(view, drawTracer) };
