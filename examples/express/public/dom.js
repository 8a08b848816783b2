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
  element.textContent = message ?? "";
  element.hidden = !message;
}
