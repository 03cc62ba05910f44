// Parsons: lines wait on one side and are put into the program on the other: by tap, by dragging the
// handle (sideways is indentation), or by keys. Moves are kept at once; only “Try it” runs them.

const STEP_PX = 32; // one step of indentation, also while dragging
const DEEPEST = 4;

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function placedNow(self) {
  const { local, state } = self;
  if (local.placed && same(local.placed, state.placed)) local.placed = null; // Python has caught up
  if (local.seen !== undefined && local.seen !== state.pieces.length) local.placed = null; // lines were joined
  local.seen = state.pieces.length;
  return local.placed ?? state.placed;
}

function place(self, placed, focus) {
  self.local.placed = placed;
  self.redraw();
  if (focus !== undefined) self.root.querySelector(`[data-key="${focus}"]`)?.focus({ preventScroll: true });
  self.report("place", placed, { quiet: true, newest: true });
}

// Where a new line at `index` would naturally start: under a line that ends with a colon, further in.
function naturalDepth(self, placed, index) {
  const before = placed[index - 1];
  if (!before) return 0;
  const last = self.state.pieces[before[0]].split("\n").at(-1);
  const inner = (last.length - last.trimStart().length) / 4;
  return Math.min(DEEPEST, before[1] + inner + (last.trimEnd().endsWith(":") ? 1 : 0));
}

function drawParsons(self) {
  const { state, local, word } = self;
  const placed = placedNow(self);
  const used = new Set(placed.map(([piece]) => piece));
  const pool = state.pieces.map((_, piece) => piece).filter((piece) => !used.has(piece));
  if (!used.has(local.chosen)) local.chosen = null;

  const add = (piece) => {
    const depth = naturalDepth(self, placed, placed.length);
    local.chosen = piece;
    self.announce(word("parsons.added", { number: placed.length + 1 }));
    place(self, [...placed, [piece, depth]], `line-${piece}`);
  };
  const waiting = pool.map((piece) =>
    make("li", { class: "soc-line" },
      handle(self, piece, 0),
      make("button", {
        type: "button", class: "soc-piece", "data-key": `line-${piece}`,
        "aria-label": `${word("parsons.add")}: ${state.pieces[piece]}`,
        on: { click: () => add(piece) },
      }, make("code", { text: state.pieces[piece] })),
    ),
  );
  const lines = placed.map(([piece, depth], index) => programLine(self, placed, piece, depth, index));
  const tryIt = make("button", {
    type: "button", class: "soc-main", text: word("parsons.try"), "data-key": "try", disabled: placed.length === 0,
    on: { click: () => { self.announce(word("parsons.running")); self.report("try", placed, { quiet: true }); } },
  });
  return [
    saying("p", state.prompt),
    make("div", { class: "soc-benches" },
      make("div", {}, make("p", { class: "soc-bench", id: `${self.name}-pool`, text: word("parsons.pool") }),
        make("ul", { class: "soc-list", "data-bench": "pool", "aria-labelledby": `${self.name}-pool` },
          ...(waiting.length ? waiting : [make("li", { class: "soc-empty", text: word("parsons.allused") })]))),
      make("div", {}, make("p", { class: "soc-bench", id: `${self.name}-mine`, text: word("parsons.mine") }),
        make("ol", { class: "soc-list soc-program", "data-bench": "program", "aria-labelledby": `${self.name}-mine` },
          ...(lines.length ? lines : [make("li", { class: "soc-empty", text: word("parsons.empty") })])))),
    make("p", { class: "soc-note", text: word("parsons.keys") }),
    make("div", { class: "soc-row" }, tryIt),
    result(self, placed),
  ].filter(Boolean);
}

function programLine(self, placed, piece, depth, index) {
  const { state, local, word } = self;
  const chosen = local.chosen === piece;
  const move = (to) => {
    const rest = placed.filter((_, i) => i !== index);
    place(self, [...rest.slice(0, to), [piece, depth], ...rest.slice(to)], `line-${piece}`);
    self.announce(word("parsons.moved", { number: to + 1 }));
  };
  const shift = (by) => {
    const deeper = Math.min(DEEPEST, Math.max(0, depth + by));
    place(self, placed.map((pair, i) => (i === index ? [piece, deeper] : pair)), `line-${piece}`);
    self.announce(word("parsons.depth", { depth: deeper }));
  };
  const back = () => {
    const next = placed[index + 1] ?? placed[index - 1];
    place(self, placed.filter((_, i) => i !== index), next ? `line-${next[0]}` : `line-${piece}`);
    self.announce(word("parsons.removed"));
  };
  const keys = {
    ArrowUp: () => index > 0 && move(index - 1),
    ArrowDown: () => index < placed.length - 1 && move(index + 1),
    ArrowLeft: () => shift(-1),
    ArrowRight: () => shift(1),
    Delete: back,
    Backspace: back,
  };
  const text = make("button", {
    type: "button", class: "soc-piece", "data-key": `line-${piece}`, "aria-expanded": chosen ? "true" : "false",
    "aria-label": word("parsons.line", { number: index + 1, depth, code: state.pieces[piece] }),
    on: {
      click: () => { local.chosen = chosen ? null : piece; self.redraw(); },
      keydown: (event) => {
        if (!keys[event.key]) return;
        event.preventDefault();
        keys[event.key]();
      },
    },
  }, make("code", { text: state.pieces[piece] }));
  const tool = (sign, id, act, off) =>
    make("button", { type: "button", text: sign, "aria-label": word(id), title: word(id), "data-key": `${id}-${piece}`, disabled: off, on: { click: act } });
  const tools = chosen && make("div", { class: "soc-tools", role: "group", "aria-label": word("parsons.tools") },
    tool("↑", "parsons.up", () => move(index - 1), index === 0),
    tool("↓", "parsons.down", () => move(index + 1), index === placed.length - 1),
    tool("←", "parsons.left", () => shift(-1), depth === 0),
    tool("→", "parsons.right", () => shift(1), depth === DEEPEST),
    tool("✕", "parsons.back", back, false));
  return make("li", { class: "soc-line", "data-index": index },
    make("div", { class: "soc-row-line" },
      handle(self, piece, depth),
      make("span", { class: "soc-indent", "aria-hidden": "true", style: { width: `${depth * STEP_PX}px` } }),
      text),
    tools);
}

function result(self, placed) {
  const { state, word } = self;
  const tried = state.report.length > 0 && same(placed, state.placed);
  const box = make("div", { class: `soc-result ${tried ? `soc-reply ${state.solved ? "soc-good" : "soc-warm"}` : ""}`, role: "group", "aria-live": "polite" });
  if (!tried) return box;
  box.append(...state.report.map((said) => saying("p", [`${state.solved ? "✓" : "→"} ${said[0]}`, said[1]])));
  if (state.printed) box.append(make("p", { text: word("parsons.printed") }), codeBlock(state.printed, word("parsons.printed")));
  if (!state.solved && state.expect != null) box.append(make("p", { text: word("parsons.goal") }), codeBlock(state.expect, word("parsons.goal")));
  return box;
}

// Dragging by pointer, mouse and finger alike. Keys and taps do the same, so it is hidden from readers.
function handle(self, piece, depth) {
  const grip = make("span", { class: "soc-grip", "aria-hidden": "true", text: "⠿" });
  grip.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    self.local.held = true;
    const start = { x: event.clientX, depth };
    const item = grip.closest(".soc-line");
    item.classList.add("soc-dragged");
    const marker = make("li", { class: "soc-marker", "aria-hidden": "true" });
    let target = null;
    const follow = (now) => {
      item.style.transform = `translate(${now.clientX - event.clientX}px, ${now.clientY - event.clientY}px)`;
      target = landing(self, piece, now, start);
      if (!target) return marker.remove();
      const list = self.root.querySelector("[data-bench=program]");
      const others = [...list.querySelectorAll(".soc-line:not(.soc-dragged)")];
      marker.style.marginInlineStart = `${44 + target.depth * STEP_PX}px`;
      list.insertBefore(marker, others[target.index] ?? null);
    };
    const finish = (drop) => {
      self.local.held = false;
      grip.removeEventListener("pointermove", follow);
      marker.remove();
      item.classList.remove("soc-dragged");
      item.style.transform = "";
      if (drop.type === "pointercancel" || (!target && !inside(self, "pool", drop))) return self.redraw();
      const rest = placedNow(self).filter(([one]) => one !== piece);
      place(self, target ? [...rest.slice(0, target.index), [piece, target.depth], ...rest.slice(target.index)] : rest);
    };
    grip.addEventListener("pointermove", follow);
    grip.addEventListener("pointerup", finish, { once: true });
    grip.addEventListener("pointercancel", finish, { once: true });
  });
  return grip;
}

function inside(self, bench, point) {
  const box = self.root.querySelector(`[data-bench=${bench}]`).getBoundingClientRect();
  return point.clientX >= box.left - 20 && point.clientX <= box.right + 20 && point.clientY >= box.top - 20 && point.clientY <= box.bottom + 20;
}

function landing(self, piece, point, start) {
  if (!inside(self, "program", point)) return null;
  const rows = [...self.root.querySelectorAll("[data-bench=program] .soc-line:not(.soc-dragged)")];
  const index = rows.filter((row) => { const box = row.getBoundingClientRect(); return point.clientY > box.top + box.height / 2; }).length;
  const placed = placedNow(self);
  const fromPool = !placed.some(([one]) => one === piece);
  const rest = placed.filter(([one]) => one !== piece);
  if (fromPool) return { index, depth: naturalDepth(self, rest, index) };
  const depth = Math.min(DEEPEST, Math.max(0, start.depth + Math.round((point.clientX - start.x) / STEP_PX)));
  return { index, depth };
}

export default { render: (view) => card(view, drawParsons) };
