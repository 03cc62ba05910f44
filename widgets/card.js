// What all widgets share in the page. Python joins this text with the widget's own file into one
// module: there is no build step and nothing is fetched.
//
// Rules: texts go into the page as text, never as HTML. The page draws `state`, which Python alone
// writes, and reports what the learner did; each report is repeated until Python acknowledges it.
// A None of Python's may arrive as null or not at all (Pyodide), so it is compared by `== null`.

const PATIENCE_MS = 4000; // a busy kernel gets this long before we say that an answer isn't kept
const TRIES_BEFORE_ASKING = 3; // then the kernel is gone rather than busy

const FOCUSABLE = new Set(["button", "input", "textarea", "summary"]);

// A node: make("p", { class: "soc-note", lang: "km", text: "…", on: { click: f }, ... }, child, …)
function make(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  // Jupyter looks for this on the focused element itself; else arrow keys would move between cells.
  if (FOCUSABLE.has(tag) || options.tabindex !== undefined) node.dataset.lmSuppressShortcuts = "true";
  for (const [name, value] of Object.entries(options)) {
    if (value == null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "on") for (const [event, f] of Object.entries(value)) node.addEventListener(event, f);
    else if (name === "style") for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    else if (name === "checked" || name === "disabled" || name === "value") node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}

// A lesson's text, [text, lang]: parts between backticks are code, line ends are kept.
function saying(tag, [text, lang], options = {}) {
  const parts = text.split("`");
  const children = parts.length % 2 === 0 ? [text] : parts.map((part, i) => (i % 2 ? make("code", { text: part }) : part));
  return make(tag, { ...options, lang, class: `soc-said ${options.class ?? ""}` }, ...children);
}

function codeBlock(source, label) {
  return make("pre", { class: "soc-code", tabindex: "0", role: "group", "aria-label": label }, make("code", { text: source }));
}

let cards = 0;

// Puts a widget into `el`. `draw(card)` returns its nodes; it is called again after every change.
function card({ model, el }, draw) {
  const local = {}; // what only the page knows: drafts, what is chosen but not yet kept
  const name = `soc${++cards}-${Math.random().toString(36).slice(2, 8)}`;
  const first = model.get("state");
  const words = first.words;
  const word = (id, fields = {}) =>
    Object.entries(fields).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, String(value)), words[id] ?? id);

  const heading = make("p", { class: "soc-title", id: `${name}-title`, text: first.title });
  const body = make("div", { class: "soc-body" });
  const status = make("p", { class: "soc-status", role: "status", "aria-live": "polite" });
  const root = make(
    "div",
    { role: "group", class: `soc soc-${first.kind}`, lang: first.lang, "aria-labelledby": heading.id },
    heading,
    body,
    status,
  );

  const self = { name, local, word, root, redraw, announce, report: null, get state() { return model.get("state"); } };

  function redraw() {
    if (local.held) return; // a finger holds a line: whoever lets it go draws again
    const active = body.contains(document.activeElement) ? document.activeElement : null;
    const key = active?.dataset.key;
    const at = active?.selectionStart;
    body.replaceChildren(...draw(self));
    if (!key) return;
    const next = body.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? body.querySelector("[data-key]");
    next?.focus({ preventScroll: true });
    if (typeof at === "number" && next?.dataset.key === key && next.setSelectionRange) next.setSelectionRange(at, at);
  }

  // The same words twice in a row are read aloud only once unless they change in between.
  function announce(text) {
    status.textContent = "";
    status.textContent = text;
  }

  self.report = reporter(model, name, `${first.kind}:${first.id ?? ""}`, self);
  model.on("change:state", redraw);
  el.append(root);
  redraw();
  return () => {
    model.off("change:state", redraw);
    self.report.stop();
  };
}

// Sends reports one by one, in order, each until it is acknowledged. What is still waiting survives a
// reload of the page and a new kernel: the widget that is made when the cell runs again sends it.
function reporter(model, name, identity, self) {
  const shelf = `soc:${location.pathname}:${identity}`;
  let waiting = recollect();
  let number = 0;
  let tries = 0;
  let timer = null;

  function recollect() {
    try {
      return JSON.parse(sessionStorage.getItem(shelf) ?? "[]");
    } catch {
      return [];
    }
  }
  function remember() {
    try {
      if (waiting.length) sessionStorage.setItem(shelf, JSON.stringify(waiting));
      else sessionStorage.removeItem(shelf);
    } catch {
      // a page without storage still reports; it only can't survive its own reload
    }
  }
  function sendFirst() {
    clearTimeout(timer);
    timer = null;
    if (!waiting.length) return;
    try {
      Promise.resolve(model.send(waiting[0])).catch(() => {});
    } catch {
      // the connection is gone; the timer below tries again
    }
    timer = setTimeout(() => {
      tries += 1;
      self.announce(self.word(tries < TRIES_BEFORE_ASKING ? "common.lost" : "common.gone"));
      self.root.classList.add("soc-lost");
      sendFirst();
    }, PATIENCE_MS);
  }
  function received(message) {
    if (!waiting.length || message?.ack !== waiting[0].seq) return;
    const done = waiting.shift();
    tries = 0;
    self.root.classList.remove("soc-lost");
    remember();
    if (message.problem) self.announce(message.problem);
    else self.announce(done.quiet ? "" : self.word("common.saved"));
    sendFirst();
  }
  // `quiet`: don't say that it was saved. `newest`: it replaces an older one that hasn't gone out yet.
  function report(action, value, { quiet = false, newest = false } = {}) {
    const started = waiting.slice(0, 1);
    const rest = waiting.slice(1).filter((one) => !(newest && one.do === action));
    waiting = [...started, ...rest, { seq: `${name}-${++number}`, do: action, value, quiet }];
    remember();
    if (timer == null) sendFirst();
  }
  report.idle = () => waiting.length === 0;
  report.stop = () => {
    clearTimeout(timer);
    model.off("msg:custom", received);
  };
  model.on("msg:custom", received);
  if (waiting.length) sendFirst();
  return report;
}
