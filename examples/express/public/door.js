import { emptyAsked, waitForMail, wireAsked } from "./asked.js";
import { auth, outcomeOf, showDelivery } from "./auth.js";
import { alertIn, announce, byId } from "./dom.js";
import { handleForm, resetForm } from "./forms.js";
import { hideProof, showProof, wireProof } from "./proof.js";
import { openScreen } from "./screens.js";

// The screen for signed-out users: two forms, the reason, and after a sign-out its proof.

const TABS = [
  { tab: byId("sign-in-tab"), panel: byId("sign-in-panel") },
  { tab: byId("sign-up-tab"), panel: byId("sign-up-panel") },
];

export function wireDoor() {
  for (const [index, { tab }] of TABS.entries()) {
    tab.addEventListener("click", () => select(index));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      select(1 - index);
      TABS[1 - index].tab.focus();
    });
  }
  handleForm(byId("sign-in"), { send: (input) => outcomeOf(auth.login(input)), done: goOn });
  handleForm(byId("sign-up"), {
    send: (input) => outcomeOf(auth.signup(input)),
    done: goOn,
    atField: { email_taken: { name: "email" } },
  });
  showDelivery();
  wireAsked({ goOn, toDoor });
  wireProof();
}

/** Shows the forms. Returns the element to read first, if any. */
export function openDoor({ proof = false, notice = null, isGood = false, form = "sign-in" } = {}) {
  for (const id of ["sign-in", "sign-up"]) resetForm(byId(id));
  emptyAsked();
  select(form === "sign-in" ? 0 : 1);
  alertIn(byId("notice"), notice);
  byId("notice").classList.toggle("good", isGood);
  if (proof) return showProof();
  hideProof();
  return notice ? byId("notice") : null;
}

function select(selected) {
  for (const [index, { tab, panel }] of TABS.entries()) {
    tab.setAttribute("aria-selected", String(index === selected));
    tab.tabIndex = index === selected ? 0 : -1;
    panel.hidden = index !== selected;
  }
}

/** Back to the forms, with the reason. */
function toDoor(options) {
  const heading = openDoor(options);
  openScreen("door");
  heading?.focus();
}

// The client reports a signed-in user itself. Otherwise a gate of the library requires a second step.
function goOn(result, input) {
  if (result.status === "check_email") waitForMail("signup", result, input.email);
  else if (result.kind === "email") waitForMail("login", result, input.email);
  else if (result.status !== "signed_in")
    announce("This account needs a second step. This page does not support it.");
}
