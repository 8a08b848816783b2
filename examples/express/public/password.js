import { auth } from "./auth.js";
import { alertIn, byId } from "./dom.js";
import { handleForm, resetForm } from "./forms.js";

// Changes the password. The client reports the new session to the page, and the lists follow automatically.

const CHANGED = "Your password is changed. All earlier sessions have ended. This browser has a new session.";

let room;

export function wirePassword(wired) {
  room = wired;
  handleForm(byId("change-password"), {
    send: async (input) => {
      alertIn(byId("password-changed"), null);
      const answer = await room.ask(auth.password.change(input));
      // The audit trail shows a failure, too.
      if (answer.problem) room.trailChanged();
      return answer;
    },
    done: () => {
      byId("password-details").open = false;
      alertIn(byId("password-changed"), CHANGED);
      byId("password-changed").focus();
    },
    atField: {
      invalid_credentials: { name: "currentPassword", message: "This is not your current password." },
    },
  });
}

export function emptyPassword() {
  resetForm(byId("change-password"));
  byId("password-details").open = false;
  alertIn(byId("password-changed"), null);
}
