import { auth } from "./auth.js";
import { describeBrowser, describeEvent, toDay, toMinute, toSecond } from "./describe.js";
import { byId, make, mark } from "./dom.js";

// The user's audit trail, newest first, a list for each day.

const EVENTS_ON_A_PAGE = 8;

let room;
let nextCursor = null;

export function wireTimeline(wired) {
  room = wired;
  byId("older-events").addEventListener("click", showOlderEvents);
}

export async function showTimeline() {
  const { ok, data } = await room.askAloud(auth.events.list({ limit: EVENTS_ON_A_PAGE }));
  if (ok) {
    byId("events").replaceChildren();
    addPage(data);
  }
  return ok;
}

export function emptyTimeline() {
  nextCursor = null;
  byId("events").replaceChildren();
  byId("older-events").hidden = true;
}

async function showOlderEvents() {
  const { ok, data } = await room.askAloud(auth.events.list({ limit: EVENTS_ON_A_PAGE, cursor: nextCursor }));
  if (!ok) return;
  // Focus the first new row, where the user continues to read. The button may be gone, and the focus with it.
  addPage(data)?.focus();
}

/** Adds a page at the end; returns its first row. */
function addPage({ events, nextCursor: cursor }) {
  nextCursor = cursor;
  byId("older-events").hidden = cursor === null;
  const rows = events.map((event) => {
    const row = eventRow(event);
    listOf(toDay(event.occurredAt)).append(row);
    return row;
  });
  return rows[0];
}

function listOf(day) {
  const last = byId("events").lastElementChild;
  if (last?.dataset.day === day) return last.querySelector("ol");
  const list = make("ol", { className: "events" });
  byId("events").append(
    make("section", { className: "day", dataset: { day } }, [make("h3", { textContent: day }), list]),
  );
  return list;
}

function eventRow(event) {
  const { title, mark: name, tag } = describeEvent(event);
  const time = make("time", {
    dateTime: event.occurredAt,
    textContent: toSecond(event.occurredAt),
    title: toMinute(event.occurredAt),
  });
  const words = make("p", { className: "row-title" }, [make("span", { textContent: title })]);
  if (tag) words.append(" ", make("span", { className: "badge bad", textContent: tag }));
  return make("li", { className: "row", tabIndex: -1, dataset: { tone: tag ? "bad" : "good" } }, [
    mark(name),
    make("div", { className: "row-words" }, [
      words,
      make("p", { className: "row-detail" }, [
        make("span", { textContent: describeBrowser(event.userAgent), title: event.userAgent ?? "" }),
        ` · ${event.ip ?? "No address"}`,
      ]),
    ]),
    time,
  ]);
}
