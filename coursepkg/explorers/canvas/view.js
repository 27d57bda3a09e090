// One explorer in the page: controls, sentence, canvas, player and buttons.

const CALM = 700; // milliseconds without a change, after which it is said and saved
const PATIENCE = 6; // times CALM, after which Python is asked whether the question was lost

function render({ model, el }) {
  const get = (name) => model.get(name);
  const width = get("width"), height = get("height"), name = "c" + Math.random().toString(36).slice(2);
  const root = element("div", "coursepkg-explorer", { role: "group", "aria-label": get("title") });
  // Jupyter's keys are not for what has focus in here: arrows would leave the cell, d d delete it. Its
  // own mark says so; with Ctrl and the like the keys are Jupyter's as ever. On the window, since
  // Notebook listens before the key arrives here.
  const keepKeys = (event) => {
    const other = event.ctrlKey || event.metaKey || event.altKey;
    if (root.contains(event.target)) event.target.toggleAttribute("data-lm-suppress-shortcuts", !other);
  };
  window.addEventListener("keydown", keepKeys, true);
  el.append(root);

  // What is asked, and what came of it.
  let count = 0, last = "", pending = false, calm = 0, waits = 0;
  let wanted = { ...get("values") }; // with what was asked and is not answered yet
  const ask = (question) => {
    last = `${name}-${++count}`;
    pending = true;
    waits = 0;
    root.dataset.pending = "";
    if (!calm) keepGhost();
    clearTimeout(calm);
    calm = setTimeout(rest, CALM);
    model.set("asked", { ...question, id: last });
    model.save_changes();
  };
  const set = (values) => {
    wanted = { ...wanted, ...values };
    ask({ values: wanted });
  };
  let next = null; // where the pointer has gone since the last question
  const move = (point) => {
    if (pending) next = point;
    else ask({ point });
  };
  const rest = () => {
    calm = 0;
    if (pending) {
      waits += 1;
      if (waits === PATIENCE) model.send({ want: "answer" });
      calm = setTimeout(rest, CALM);
      return;
    }
    spoken.textContent = get("problem") || get("sentence");
    model.send({ want: "twin" });
  };

  const panel = element("div", "coursepkg-controls");
  const controls = {};
  for (const [key, spec] of Object.entries(get("controls"))) {
    controls[key] = makeControl(spec, `${name}-${key}`, (value) => set({ [key]: value }));
    panel.append(controls[key].row);
  }
  const start = Object.fromEntries(Object.entries(get("controls")).map(([key, spec]) => [key, spec.value]));
  const buttons = element("div", "coursepkg-buttons");
  const reset = button("Reset"), copy = button("Copy this setting");
  reset.onclick = () => set(start);
  copy.onclick = async () => {
    await navigator.clipboard.writeText(get("line"));
    copy.textContent = "Copied";
    setTimeout(() => { copy.textContent = "Copy this setting"; }, 1200);
  };
  buttons.append(reset, copy);
  for (const [words, values] of get("tries")) {
    const made = button(words);
    made.classList.add("coursepkg-try");
    made.onclick = () => set({ ...start, ...values });
    buttons.append(made);
  }

  const sentence = element("p", "coursepkg-sentence", { id: `${name}-sentence` });
  const spoken = element("p", "coursepkg-spoken", { role: "status" });
  const stage = element("div", "coursepkg-stage", {
    role: "img", "aria-label": get("title"), "aria-describedby": sentence.id,
  });
  stage.style.aspectRatio = `${width} / ${height}`;
  stage.style.maxWidth = `${1.3 * width}px`; // it grows a little on a large screen
  const paper = element("div", "coursepkg-paper");
  const [below, above] = ["still", "moving"].map((which) => {
    const canvas = element("canvas", `coursepkg-${which}`);
    paper.append(canvas);
    return canvas;
  });
  stage.append(paper);
  const mark = element("div", "coursepkg-mark", { "aria-hidden": "true" });
  stage.append(mark);

  // Painting.
  let still = decode(get("still")), frame = decode(get("frame")), now = frame, ghost = null, ratio = 0;
  const fit = () => {
    const wanted = (stage.clientWidth / width || 1) * (window.devicePixelRatio || 1);
    if (wanted === ratio) return false;
    ratio = wanted;
    for (const canvas of [below, above]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    return true;
  };
  const cleared = (canvas) => {
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  };
  const paintStill = () => paint(cleared(below), still);
  const paintMoving = () => {
    const context = cleared(above);
    if (ghost) paint(context, ghost, { only: "ghost", gray: "#9a9a9a" });
    paint(context, now);
    above.shown = now; // for those who compare it with what Python would draw
    above.dataset.painted = (Number(above.dataset.painted) || 0) + 1;
  };
  const keepGhost = () => { ghost = frame; };
  const paintAll = () => { paintStill(); paintMoving(); };

  // Where a control is the step itself, it and the sentence follow the player.
  const follow = (frame) => {
    if (!controls.step) return false;
    wanted.step = Math.floor(frame.step + 1e-6);
    controls.step.set(wanted.step);
    sentence.textContent = frame.text;
    return true;
  };
  const player = makePlayer(
    () => model.send({ want: "run" }), (drawn) => { now = drawn; paintMoving(); }, follow);
  root.append(panel, buttons, sentence, spoken, stage, player.bar);
  const note = element("p", "coursepkg-problem", { role: "alert", hidden: "" });
  root.insertBefore(note, stage);

  const setControls = () => {
    for (const [key, value] of Object.entries(get("values"))) controls[key].set(value);
  };
  const say = (problem) => {
    note.textContent = problem;
    note.hidden = !problem;
  };
  const onAnswer = () => {
    if (get("answered") === last) pending = false;
    if (!pending) {
      delete root.dataset.pending;
      waits = 0;
      wanted = { ...get("values") };
      setControls();
    }
    sentence.textContent = get("sentence");
    say(get("problem"));
    if (!pending && next) {
      const point = next;
      next = null;
      ask({ point });
    }
  };
  const onStill = () => { still = decode(get("still")); ghost = null; paintStill(); };
  const onFrame = () => {
    now = frame = decode(get("frame"));
    player.reset(get("steps"), get("place"));
    paintMoving();
    above.dataset.frames = (Number(above.dataset.frames) || 0) + 1;
  };
  const onRun = () => { if (get("run").byteLength) player.receive(get("run")); };
  const onLost = () => {
    root.classList.add("coursepkg-lost");
    say("The kernel was restarted: run this cell again to move the controls.");
  };
  const listeners = {
    "change:still": onStill, "change:frame": onFrame, "change:run": onRun, comm_live_update: onLost,
    "change:answered change:sentence change:problem change:values": onAnswer,
  };
  for (const [event, listener] of Object.entries(listeners)) model.on(event, listener);

  // The static picture beside it is hidden while this view lives (`view.css`).
  let outputs = null, joining = 0;
  const join = () => {
    outputs = root.closest(".jp-OutputArea, .output, .cell-output");
    if (outputs) outputs.classList.add("coursepkg-live");
    else joining = requestAnimationFrame(join);
  };
  join();

  dragAndRead(stage, mark, width, () => get("axes"), () => [still, now],
    move);
  const seen = new ResizeObserver(() => { if (fit()) paintAll(); });
  seen.observe(stage);
  let zoom = null;
  const watch = () => {
    zoom = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    zoom.addEventListener("change", onZoom, { once: true });
  };
  const onZoom = () => { if (fit()) paintAll(); watch(); };
  watch();
  // The typeface comes with the style sheet, and may come a moment later.
  Promise.all(["400", "700"].map((weight) => document.fonts.load(`${weight} 12px "Course Sans"`))).then(paintAll);
  fit();
  onAnswer();
  onFrame();
  paintStill();
  onRun();
  return () => {
    for (const [event, listener] of Object.entries(listeners)) model.off(event, listener);
    clearTimeout(calm);
    cancelAnimationFrame(joining);
    if (outputs) outputs.classList.remove("coursepkg-live");
    window.removeEventListener("keydown", keepKeys, true);
    player.end();
    seen.disconnect();
    zoom.removeEventListener("change", onZoom);
  };
}

export default { render };
