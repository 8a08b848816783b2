import { announce, byId } from "./dom.js";

/**
 * Opens one screen and moves the focus to its heading, unless the page has just loaded and the user did nothing yet.
 * Returns whether it was closed before.
 */
export function openScreen(id) {
  const cameFrom = document.querySelector(".screen:not([hidden])");
  if (cameFrom?.id === id) return false;
  const focused = document.activeElement;
  for (const section of document.querySelectorAll(".screen")) section.hidden = section.id !== id;
  announce("");
  const isNew = !cameFrom || (cameFrom.id === "waiting" && !cameFrom.contains(focused));
  if (!isNew) byId(id).querySelector("h1").focus();
  return true;
}
