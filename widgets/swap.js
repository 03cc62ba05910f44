// Swap: the clock of a pair. It counts by the computer's clock, so a sleeping tab doesn't lose time.
function drawSwap(self) {
  const { state, local, word } = self;
  local.round ??= 1;
  local.left ??= state.seconds * 1000;
  const driver = local.round % 2 === 1 ? "A" : "B";
  const running = local.until !== undefined;
  const done = local.round > state.rounds;
  const clock = make("p", { class: "soc-clock", role: "timer", text: minutes(local.left) });
  local.clock = clock;
  if (done) return [make("p", { class: "soc-reply soc-good", text: word("swap.done") }), reset(self)];
  return [
    make("p", { text: word("swap.round", { round: local.round, rounds: state.rounds }) }),
    make("div", { class: "soc-seats" },
      make("p", { class: "soc-seat" }, make("strong", { text: driver }), ` ${word("swap.driver")}`),
      make("p", { class: "soc-seat" }, make("strong", { text: driver === "A" ? "B" : "A" }), ` ${word("swap.navigator")}`)),
    clock,
    make("div", { class: "soc-row" },
      make("button", { type: "button", class: "soc-main", "data-key": "main", text: word(running ? "swap.pause" : "swap.start"), on: { click: () => (running ? pause(self) : start(self)) } }),
      make("button", { type: "button", "data-key": "swap", text: word("swap.now"), on: { click: () => change(self) } })),
  ];
}

function reset(self) {
  return make("button", { type: "button", "data-key": "main", text: self.word("swap.again"), on: { click: () => { self.local.round = 1; self.local.left = self.state.seconds * 1000; self.redraw(); } } });
}

function start(self) {
  const { local } = self;
  local.until = Date.now() + local.left;
  local.timer = setInterval(() => tick(self), 500);
  self.redraw();
}

function pause(self) {
  const { local } = self;
  clearInterval(local.timer);
  if (local.until !== undefined) local.left = Math.max(0, local.until - Date.now());
  delete local.until;
  self.redraw();
}

function change(self) {
  const { local, state, word } = self;
  pause(self);
  local.round += 1;
  local.left = state.seconds * 1000;
  self.redraw();
  self.announce(word(local.round > state.rounds ? "swap.done" : "swap.change"));
}

function tick(self) {
  const { local } = self;
  if (!self.root.isConnected) return pause(self);
  local.left = Math.max(0, local.until - Date.now());
  local.clock.textContent = minutes(local.left);
  if (local.left === 0) change(self);
}

function minutes(ms) {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export default { render: (view) => card(view, drawSwap) };
