// The controls, made of the browser's own: what is set is a value of Python's list, never a
// position that has to be computed back.

function element(tag, className, attributes = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function button(text, label) {
  const made = element("button", "coursepkg-button", { type: "button" });
  made.textContent = text;
  if (label && label !== text) made.setAttribute("aria-label", label);
  return made;
}

const shown = (value) => (typeof value === "number" ? String(value) : value);

// Where a value belongs among those that the handle reaches.
function nearest(values, value) {
  let best = 0;
  values.forEach((each, i) => {
    if (Math.abs(each - value) < Math.abs(values[best] - value)) best = i;
  });
  return best;
}

// ask(value): tell Python. Returns {row, set(value)}.
function makeControl(spec, id, ask) {
  const row = element("div", "coursepkg-control");
  const label = element("label", "", { for: id });
  label.textContent = spec.label;
  if (spec.kind === "choice") {
    const list = element("select", "", { id });
    for (const value of spec.values) list.append(new Option(value, value));
    list.onchange = () => ask(list.value);
    row.append(label, list);
    return { row, set: (value) => { list.value = value; } };
  }
  if (spec.kind === "switch") {
    const box = element("input", "", { id, type: "checkbox" });
    box.onchange = () => ask(box.checked);
    row.classList.add("coursepkg-switch");
    row.append(box, label);
    return { row, set: (value) => { box.checked = value; } };
  }
  const handle = element("input", "", { id, type: "range", min: 0, max: spec.values.length - 1, step: 1 });
  const field = element("input", "", {
    type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${spec.label}, as a number`,
  });
  let current = spec.value;
  const set = (value) => {
    current = value;
    handle.value = nearest(spec.values, value);
    handle.setAttribute("aria-valuetext", shown(value));
    if (!field.dataset.typing) field.value = shown(value);
  };
  handle.oninput = () => {
    const value = spec.values[Number(handle.value)];
    set(value);
    ask(value);
  };
  const typed = () => {
    delete field.dataset.typing;
    const value = Number(field.value.trim().replace(",", "."));
    if (field.value.trim() === "" || Number.isNaN(value)) field.value = shown(current);
    else if (value !== current) ask(value);
  };
  field.oninput = () => { field.dataset.typing = "yes"; };
  field.onchange = typed;
  field.onkeydown = (event) => {
    if (event.key === "Enter") typed();
    if (event.key === "Escape") { delete field.dataset.typing; field.value = shown(current); }
  };
  row.append(label, handle, field);
  return { row, set };
}
