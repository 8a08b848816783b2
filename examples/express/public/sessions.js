import { auth } from "./auth.js";
import { describeBrowser, toMinute } from "./describe.js";
import { announce, byId, make, mark } from "./dom.js";

// The user's sessions, and a button to end each.

let room;

export function wireSessions(wired) {
  room = wired;
  byId("sign-out-others").addEventListener("click", signOutOthers);
  byId("terminal-command").textContent = TERMINAL;
}

export async function showSessions() {
  const { ok, data } = await room.askAloud(auth.sessions.list());
  if (ok) {
    byId("sessions").replaceChildren(...data.map(sessionRow));
    countOthers();
  }
  return ok;
}

export function emptySessions() {
  byId("sessions").replaceChildren();
  byId("terminal").open = false;
  countOthers();
}

function sessionRow({ id, current, ip, userAgent, createdAt }) {
  const device = describeBrowser(userAgent);
  const since = make("time", { dateTime: createdAt, textContent: toMinute(createdAt) });
  const title = make("p", { className: "row-title", textContent: device, title: userAgent ?? "" });
  const row = make("li", { className: "row", tabIndex: -1, dataset: { current } }, [
    mark(isCommandLine(userAgent) ? "terminal" : "browser"),
    make("div", { className: "row-words" }, [
      title,
      make("p", { className: "row-detail" }, [`${ip ?? "No address"} · since `, since]),
    ]),
  ]);
  if (current) title.append(" ", make("span", { className: "badge", textContent: "This browser" }));
  else row.append(endButton({ id, device, row }, `Sign out ${device}, since ${since.textContent}`));
  return row;
}

function endButton(session, label) {
  const button = make("button", { className: "button quiet small", type: "button", textContent: "Sign out" });
  button.setAttribute("aria-label", label);
  button.addEventListener("click", () => signOut(session));
  return button;
}

async function signOut({ id, device, row }) {
  const { ok, problem } = await room.ask(auth.sessions.revoke(id));
  // If it has already ended, the goal is reached.
  if (problem && problem.code !== "not_found") return room.complain(problem);
  if (!ok && !problem) return;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  next?.focus();
  countOthers();
  announce(`${device} is signed out.`);
  await room.trailChanged();
}

async function signOutOthers() {
  const { ok, data } = await room.askAloud(auth.sessions.revokeOthers());
  if (!ok) return;
  await showSessions();
  byId("sessions-heading").focus();
  announce(data.revoked === 1 ? "One session ended." : `${data.revoked} sessions ended.`);
  await room.trailChanged();
}

function countOthers() {
  const others = byId("sessions").querySelectorAll("[data-current=false]").length;
  byId("sign-out-others").hidden = others === 0;
  byId("sessions-alone").hidden = others > 0;
}

function isCommandLine(userAgent) {
  return !userAgent?.startsWith("Mozilla/");
}

const TERMINAL = `TOKEN=$(curl -s ${location.origin}/auth/login \\
  -H 'content-type: application/json' \\
  -d '{"email":"YOUR_EMAIL","password":"YOUR_PASSWORD"}' |
  grep -o '"accessToken":"[^"]*' | cut -d '"' -f 4)

curl -i ${location.origin}/auth/me -H "authorization: Bearer $TOKEN"`;
