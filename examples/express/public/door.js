import { call } from "./api.js";
import { toMinute } from "./describe.js";
import { alertIn, byId, make } from "./dom.js";
import { handleForm, resetForm } from "./forms.js";

// What the signed-out see: two forms, and the proof that the old token is dead.

const TABS = [
  { tab: byId("sign-in-tab"), panel: byId("sign-in-panel") },
  { tab: byId("sign-up-tab"), panel: byId("sign-up-panel") },
];

/** The token of the session that was ended last. It is kept to show that it is worth nothing. */
let oldToken = null;

export function wireDoor({ signedIn }) {
  for (const [index, { tab }] of TABS.entries()) {
    tab.addEventListener("click", () => select(index));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      select(1 - index);
      TABS[1 - index].tab.focus();
    });
  }
  handleForm(byId("sign-in"), { send: (body) => call("POST", "/auth/login", { body }), done: signedIn });
  handleForm(byId("sign-up"), { send: (body) => call("POST", "/auth/signup", { body }), done: signedIn });
  byId("try-old-token").addEventListener("click", tryOldToken);
}

/** Shows the forms; after a sign-out with the token that ended, else with a word on why one is here. */
export function openDoor({ ended = null, notice = null, form = "sign-in" } = {}) {
  oldToken = ended;
  byId("proof").hidden = !ended;
  byId("proof-answer").replaceChildren();
  if (ended) {
    byId("proof-expiry").dateTime = ended.expiresAt;
    byId("proof-expiry").textContent = toMinute(ended.expiresAt);
  }
  resetForm(byId("sign-in"));
  resetForm(byId("sign-up"));
  alertIn(byId("sign-in").querySelector(".alert"), notice);
  select(form === "sign-in" ? 0 : 1);
}

function select(selected) {
  for (const [index, { tab, panel }] of TABS.entries()) {
    tab.setAttribute("aria-selected", String(index === selected));
    tab.tabIndex = index === selected ? 0 : -1;
    panel.hidden = index !== selected;
  }
}

async function tryOldToken() {
  const { ok, status, problem } = await call("GET", "/auth/me", { token: oldToken });
  const refused = status === 401;
  const words = ok ? "It still works. That must never happen." : problem.title;
  byId("proof-answer").replaceChildren(
    make("code", { className: "endpoint", textContent: "GET /auth/me" }),
    make("p", {}, [
      make("strong", {
        textContent: `${status || "No answer"}`,
        dataset: { tone: refused ? "good" : "bad" },
      }),
      make("code", { textContent: ok ? "accepted" : problem.code }),
    ]),
    make("p", { textContent: refused ? `Refused. ${words}` : words }),
  );
}
