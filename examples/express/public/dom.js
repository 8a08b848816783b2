/** The element with this id, which the page has. */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * A new element. Children are elements or text, and text stays text: nothing here reads markup, so
 * nothing that a user typed can become any.
 */
export function make(tag, { dataset, ...properties } = {}, children = []) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** One of the marks that the page defines, for the eye alone: the words beside it say the same. */
export function mark(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "mark");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#mark-${name}`);
  svg.append(use);
  return svg;
}

let silence;

/** Says something in the polite live region, which shows it for a while; nothing clears it. */
export function announce(message) {
  const status = byId("status");
  status.textContent = message;
  clearTimeout(silence);
  silence = setTimeout(() => {
    status.textContent = "";
  }, 6000);
}

/** Shows an alert, or hides it when there is nothing to say. */
export function alertIn(element, message) {
  // The same text once more would be read out once more.
  if (element.textContent !== (message ?? "")) element.textContent = message ?? "";
  element.hidden = !message;
}
