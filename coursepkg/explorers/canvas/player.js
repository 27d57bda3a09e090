// Plays a recorded run without the kernel: play, pause, a step back or forth, and a handle.

const SECONDS = 5; // for a whole run

async function unpack(view) {
  const stream = new Blob([view]).stream().pipeThrough(new DecompressionStream("deflate"));
  const buffer = await new Response(stream).arrayBuffer(), words = new TextDecoder(), frames = [];
  for (let at = 0; at < buffer.byteLength; ) {
    const head = new DataView(buffer, at, 12), step = head.getFloat32(0, true);
    const caption = head.getUint32(4, true), length = head.getUint32(8, true);
    at += 12;
    const text = words.decode(new Uint8Array(buffer, at, caption));
    frames.push({ step, text, view: new DataView(buffer, at + caption, length), drawn: null });
    at += caption + length;
  }
  return frames;
}

// want(): ask Python for the run. show(frame): paint it. follow(frame): whether the rest of the page
// tells of this frame.
function makePlayer(want, show, follow) {
  const bar = element("div", "coursepkg-player", { role: "group", "aria-label": "the run, step by step" });
  const back = button("◀", "one step back"), play = button("▶ Play", "play the run");
  const forth = button("▶", "one step forward");
  const handle = element("input", "", { type: "range", min: 0, "aria-label": "step of the run" });
  const caption = element("output", "coursepkg-caption");
  bar.append(play, back, handle, forth, caption);
  let frames = null, place = 0, steps = 0, at = 0, timer = 0, then = null, results = 0;

  const go = (next) => {
    place = Math.max(0, Math.min(next, frames.length - 1));
    const frame = frames[place];
    frame.drawn = frame.drawn || decode(frame.view);
    show(frame.drawn);
    handle.value = Math.floor(frame.step + 1e-6);
    handle.setAttribute("aria-valuetext", frame.text);
    caption.textContent = follow(frame) ? `step ${handle.value} of ${steps}` : frame.text;
  };
  const stop = () => {
    cancelAnimationFrame(timer);
    timer = 0;
    play.textContent = "▶ Play";
  };
  const withRun = (action) => {
    if (frames) return action();
    if (!then) want();
    then = action;
  };
  const start = () => {
    // Who wants less motion gets the end at once; steps and handle still work.
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return go(frames.length - 1);
    const from = place >= frames.length - 1 ? 0 : place, begin = performance.now();
    const tick = (now) => {
      const next = from + Math.floor((Math.max(0, now - begin) / 1000 / SECONDS) * frames.length);
      go(next);
      if (next >= frames.length - 1) stop();
      else timer = requestAnimationFrame(tick);
    };
    play.textContent = "❚❚ Pause";
    timer = requestAnimationFrame(tick);
  };
  play.onclick = () => (timer ? stop() : withRun(start));
  const goTo = (step) => {
    stop();
    const later = frames.findIndex((frame) => frame.step > step + 1e-6);
    go(later < 0 ? frames.length - 1 : later - 1);
  };
  back.onclick = () => withRun(() => goTo(Math.ceil(frames[place].step - 1e-6) - 1));
  forth.onclick = () => withRun(() => goTo(Math.floor(frames[place].step + 1e-6) + 1));
  handle.oninput = () => {
    const step = Number(handle.value);
    withRun(() => goTo(step));
  };
  return {
    bar,
    // A new result: its run has not been asked for, and the picture shows step `rest` of it.
    reset(count, rest) {
      stop();
      frames = then = null;
      results += 1;
      [steps, at] = [count, rest];
      handle.max = steps;
      handle.value = at;
      handle.setAttribute("aria-valuetext", `step ${at} of ${steps}`);
      caption.textContent = `step ${at} of ${steps}`;
      bar.hidden = steps === 0;
    },
    async receive(view) {
      const before = results, found = await unpack(view);
      if (results !== before) return; // another result came meanwhile
      frames = found;
      place = frames.findLastIndex((frame) => frame.step <= at + 1e-6);
      const action = then;
      then = null;
      if (action) action();
    },
    end: stop,
  };
}
