// Game: a canvas, the keys as buttons for fingers, a line of words. Events go to Python one by one; a
// tick waits until the last one was answered, so a slow connection makes a slow game.
const SIGNS = { left: "←", up: "↑", down: "↓", right: "→", space: "●" };
const PRESSED = { ArrowLeft: "left", ArrowUp: "up", ArrowDown: "down", ArrowRight: "right", " ": "space" };

function drawGame(self) {
  const { state, local, word } = self;
  if (state.problem) {
    halt(self);
    return [make("p", { text: word("game.stopped") }), codeBlock(state.problem, word("game.stopped"))];
  }
  local.canvas ??= canvasOf(self);
  paint(local.canvas, state);
  const running = local.timer !== undefined;
  const ticks = state.handles.includes("tick");
  const start = ticks && make("button", {
    type: "button", class: "soc-main", "data-key": "start", text: word(running ? "game.pause" : "game.start"),
    on: { click: () => { if (running) halt(self); else begin(self); self.redraw(); } },
  });
  const pad = state.handles.includes("key") && make("div", { class: "soc-row", role: "group", "aria-label": word("game.keys") },
    ...Object.entries(SIGNS).map(([key, sign]) => make("button", {
      type: "button", text: sign, "data-key": `pad-${key}`, "aria-label": word({ left: "game.left", up: "game.up", down: "game.down", right: "game.right", space: "game.space" }[key]), on: { click: () => send(self, "key", key) },
    })));
  return [local.canvas, make("p", { class: "soc-spoken", role: "status", text: state.spoken }), start, pad].filter(Boolean);
}

function canvasOf(self) {
  const [width, height] = self.state.size;
  const canvas = make("canvas", {
    class: "soc-canvas", width, height, tabindex: "0", role: "application", "aria-label": self.word("game.canvas"), "data-key": "canvas",
    on: {
      keydown: (event) => {
        const key = PRESSED[event.key];
        if (!key || !self.state.handles.includes("key")) return;
        event.preventDefault();
        send(self, "key", key);
      },
      pointerdown: (event) => {
        if (!self.state.handles.includes("tap")) return;
        const box = canvas.getBoundingClientRect();
        const x = (event.clientX - box.left - canvas.clientLeft) / canvas.clientWidth;
        const y = (event.clientY - box.top - canvas.clientTop) / canvas.clientHeight;
        send(self, "tap", [x * width, y * height]);
      },
    },
  });
  return canvas;
}

function send(self, action, value) {
  self.report(action, value, { quiet: true });
}

function begin(self) {
  const { local, state } = self;
  local.timer = setInterval(() => {
    if (!self.root.isConnected) return halt(self);
    if (self.report.idle()) send(self, "tick", null);
  }, 1000 / state.perSecond);
}

function halt(self) {
  clearInterval(self.local.timer);
  delete self.local.timer;
}

function paint(canvas, { shapes, size: [width, height] }) {
  const ink = canvas.getContext("2d");
  ink.fillStyle = "white";
  ink.fillRect(0, 0, width, height);
  for (const [kind, ...rest] of shapes) draws[kind](ink, rest);
}

const draws = {
  circle(ink, [x, y, radius, fill]) {
    ink.fillStyle = fill;
    ink.beginPath();
    ink.arc(x, y, Math.max(0, radius), 0, 2 * Math.PI);
    ink.fill();
  },
  rect(ink, [x, y, width, height, fill]) {
    ink.fillStyle = fill;
    ink.fillRect(x, y, width, height);
  },
  line(ink, [x, y, x2, y2, stroke]) {
    ink.strokeStyle = stroke;
    ink.lineWidth = 2;
    ink.beginPath();
    ink.moveTo(x, y);
    ink.lineTo(x2, y2);
    ink.stroke();
  },
  text(ink, [x, y, size, fill, text]) {
    ink.fillStyle = fill;
    ink.font = `${size}px "Noto Sans", "Noto Sans Khmer", sans-serif`;
    ink.fillText(text, x, y);
  },
};

export default { render: (view) => card(view, drawGame) };
