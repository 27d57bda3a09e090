// Between pixels of the picture and numbers on an axis, whose edges are low and high.
const toNumber = (share, [low, high, log]) =>
  log ? low * (high / low) ** share : low + share * (high - low);

// The pointer: drags what can be dragged, and reads the value of the nearest curve.
function dragAndRead(stage, mark, width, axes, frames, move) {
  let dragging = false;
  const place = (event) => {
    const box = stage.getBoundingClientRect(), scale = width / box.width;
    const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
    const number = axes().findIndex(({ box: [left, top, wide, high] }) =>
      x >= left && x <= left + wide && y >= top && y <= top + high);
    return { x, y, number, one: axes()[number] };
  };
  const point = ({ x, y, number, one }) => {
    const [left, top, wide, high] = one.box;
    return [number, toNumber((x - left) / wide, one.x), toNumber(1 - (y - top) / high, one.y)];
  };
  const read = ({ x, y, one }) => {
    const found = one && nearestVertex(frames(), one.box, x, y);
    mark.hidden = !found;
    if (!found) return;
    const [, a, b] = point({ x: found.x, y: found.y, number: 0, one });
    const label = (name, value) => `${name.replaceAll("$", "")} ${Number(value.toPrecision(3))}`;
    mark.textContent = `${label(one.names[0], a)}, ${label(one.names[1], b)}`;
    mark.style.left = `${(100 * found.x) / width}%`;
    mark.style.top = `${found.y * (stage.clientWidth / width)}px`;
  };
  stage.onpointerdown = (event) => {
    const here = place(event);
    if (!here.one || !here.one.drag) return;
    dragging = true;
    stage.setPointerCapture(event.pointerId);
    move(point(here));
    event.preventDefault();
  };
  stage.onpointermove = (event) => {
    const here = place(event);
    stage.style.cursor = here.one && here.one.drag ? "crosshair" : "";
    if (!dragging) read(here);
    else if (here.one && here.one.drag) move(point(here));
  };
  stage.onpointerup = stage.onpointercancel = () => { dragging = false; };
  stage.onpointerleave = () => { mark.hidden = true; };
  mark.hidden = true;
}

const CLOSE = 12; // pixels at which a curve is read

// The vertex nearest to (x, y) of all simple lines that are clipped to this box.
function nearestVertex(frames, box, x, y) {
  let best = null, least = CLOSE;
  for (const { operations, points } of frames) {
    for (const [kind, style, place, count, codes] of operations) {
      const own = style.clip && Math.abs(style.clip[0] - box[0]) < 1 && Math.abs(style.clip[1] - box[1]) < 1;
      if (kind !== "path" || codes || !style.stroke || !own) continue;
      for (let i = place; i < place + 2 * count; i += 2) {
        const px = points[i] / PARTS, py = points[i + 1] / PARTS, far = Math.hypot(px - x, py - y);
        if (far < least) [least, best] = [far, { x: px, y: py }];
      }
    }
  }
  return best;
}
