// Paints what `recorder.py` has written down. Coordinates are sixteenths of a CSS pixel.

const PARTS = 16;

// {operations, points, pixels} of a recording, a DataView.
function decode(view) {
  const head = view.getUint32(0, true), length = view.getUint32(4, true);
  const from = view.byteOffset + 8, bytes = new Uint8Array(view.buffer, from, view.byteLength - 8);
  const operations = JSON.parse(new TextDecoder().decode(bytes.subarray(0, head)));
  // A copy, since the place of 16-bit numbers must be even.
  const points = new Int16Array(bytes.slice(head, head + length).buffer);
  return { operations, points, pixels: bytes.subarray(head + length) };
}

function paint(context, frame, { only = null, gray = null } = {}) {
  for (const operation of frame.operations) {
    const [kind, style, ...rest] = operation;
    if (only && style.tag !== only) continue;
    context.save();
    if (style.clip) {
      context.beginPath();
      context.rect(...style.clip);
      context.clip();
    }
    if (style.stroke) {
      context.strokeStyle = gray || style.stroke;
      context.lineWidth = style.width;
      context.lineCap = style.cap;
      context.lineJoin = style.join;
      context.setLineDash(style.dash || []);
      context.lineDashOffset = style.offset || 0;
    }
    if (style.fill) context.fillStyle = gray || style.fill;
    PAINTERS[kind](context, frame, style, ...rest);
    context.restore();
  }
}

const PAINTERS = {
  path(context, { points }, style, place, count, codes) {
    fillAndStroke(context, style, trace(points, place, count, codes));
  },
  markers(context, { points }, style, place, count, codes, where, many) {
    const marker = trace(points, place, count, codes);
    for (let i = where; i < where + 2 * many; i += 2) {
      const x = points[i] / PARTS, y = points[i + 1] / PARTS;
      context.translate(x, y);
      fillAndStroke(context, style, marker);
      context.translate(-x, -y);
    }
  },
  text(context, frame, style, x, y, size, angle, bold, mono, words) {
    context.translate(x, y);
    context.rotate((angle * Math.PI) / 180);
    context.font = `${bold ? "bold " : ""}${size}px ${mono ? MONO : FONT}`;
    context.fillText(words, 0, 0);
  },
  image(context, { pixels }, style, at, palette, width, height, box, smooth) {
    const image = new ImageData(width, height), out = image.data;
    if (palette === null) out.set(pixels.subarray(at, at + 4 * width * height));
    else for (let i = 0; i < width * height; i++) {
      const color = palette + 4 * pixels[at + i];
      for (let k = 0; k < 4; k++) out[4 * i + k] = pixels[color + k];
    }
    const whole = new OffscreenCanvas(width, height);
    whole.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingEnabled = Boolean(smooth);
    context.imageSmoothingQuality = "high";
    context.drawImage(whole, ...box);
  },
};

function fillAndStroke(context, style, path) {
  if (style.fill) context.fill(path);
  if (style.stroke) context.stroke(path);
}

// A Path2D from Matplotlib's codes: 1 move, 2 line, 3 and 4 curves, 9 close; "" is one line.
function trace(points, place, count, codes) {
  const path = new Path2D(), at = (i) => [points[place + 2 * i] / PARTS, points[place + 2 * i + 1] / PARTS];
  for (let i = 0; i < count; i++) {
    const code = codes ? codes[i] : i ? "2" : "1";
    if (code === "1") path.moveTo(...at(i));
    else if (code === "2") path.lineTo(...at(i));
    else if (code === "3") path.quadraticCurveTo(...at(i), ...at(++i));
    else if (code === "4") path.bezierCurveTo(...at(i), ...at(++i), ...at(++i));
    else path.closePath();
  }
  return path;
}

const FONT = '"Course Sans", Verdana, sans-serif', MONO = '"DejaVu Sans Mono", monospace';
