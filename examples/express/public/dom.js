/** The element with this id. It must exist. */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * Makes an element. Children are elements or text. Text is never read as markup, so a user's input cannot become
 * markup.
 */
export function make(tag, { dataset, ...properties } = {}, children = []) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** One of the page's marks. Screen readers skip it: the text next to it says the same. */
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

/** Shows a message in the polite live region for a while; an empty message clears it. */
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
  // A screen reader would read the same text again.
  if (element.textContent !== (message ?? "")) element.textContent = message ?? "";
  element.hidden = !message;
}
