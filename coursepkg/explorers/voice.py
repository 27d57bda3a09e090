"""The sentence under the controls, spoken by a screen reader when it changes.

ipywidgets gives its sliders no accessible name. So this widget also copies each slider's visible
label to the handle that takes keyboard focus, and its visible value to the announced value.
"""

import anywidget
import traitlets


class Voice(anywidget.AnyWidget):
    """A line of text, `text`, in a polite ARIA live region."""

    text = traitlets.Unicode("").tag(sync=True)

    _esm = """
    function nameSliders(box) {
      for (const row of box.querySelectorAll(".jupyter-widgets")) {
        const label = row.querySelector(":scope > .widget-label");
        const handle = row.querySelector(".noUi-handle");
        const reading = row.querySelector(".widget-readout");
        if (!label || !handle) continue;
        set(handle, "aria-label", label.textContent);
        if (reading) {
          set(handle, "aria-valuetext", reading.textContent);
          set(reading, "aria-label", label.textContent + ", as a number");
        }
      }
    }

    // Writing an unchanged value would trigger the observer again, forever.
    function set(element, name, value) {
      if (element.getAttribute(name) !== value) element.setAttribute(name, value);
    }

    function render({ model, el }) {
      const line = document.createElement("p");
      line.setAttribute("role", "status");
      line.setAttribute("aria-live", "polite");
      line.style.cssText = "margin: 4px 0; line-height: 1.4; max-width: 62em; min-height: 2.8em";
      el.appendChild(line);
      const say = () => { line.textContent = model.get("text"); };
      model.on("change:text", say);
      say();

      let observer = null;
      const attach = () => {
        const box = el.closest(".coursepkg-controls");
        if (!box) { frame = requestAnimationFrame(attach); return; }
        observer = new MutationObserver(() => nameSliders(box));
        observer.observe(box, { subtree: true, childList: true, characterData: true,
                                attributes: true, attributeFilter: ["aria-valuetext"] });
        nameSliders(box);
      };
      let frame = requestAnimationFrame(attach);
      return () => {
        model.off("change:text", say);
        cancelAnimationFrame(frame);
        if (observer) observer.disconnect();
      };
    }
    export default { render };
    """
