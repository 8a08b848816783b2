import { codeOf } from "../../support/harness.ts";
import { adaProving, breached, FROM, opened, overtaken, RIGHT, type Rows, refused } from "./stage.ts";

const CHANGE = { currentPassword: RIGHT.password, newPassword: "Another2staple" };

export const proofRows: Rows<"reauthenticate" | "password.change"> = {
  reauthenticate: [
    {
      by: "the right password",
      call: ({ auth, ada }) => auth.reauthenticate(ada.accessToken, { password: RIGHT.password }, FROM),
      leaves: (stage) => ({ type: "reauthenticate", outcome: "success", ...adaProving(stage) }),
    },
    {
      by: "a wrong password",
      call: ({ auth, ada }) => auth.reauthenticate(ada.accessToken, { password: "wrong" }, FROM),
      ends: "invalid_credentials",
      leaves: (stage) => ({
        type: "reauthenticate",
        outcome: "failure",
        reason: "wrong_password",
        ...adaProving(stage),
      }),
    },
    {
      by: "a session beyond its limit",
      options: () => ({ limits: { reauthenticate: { session: "1/1m" } } }),
      prepare: ({ auth, ada }) => codeOf(auth.reauthenticate(ada.accessToken, { password: "wrong" }, FROM)),
      call: ({ auth, ada }) => auth.reauthenticate(ada.accessToken, { password: RIGHT.password }, FROM),
      ends: "rate_limited",
      leaves: (stage) => ({
        type: "reauthenticate",
        ...refused,
        ...adaProving(stage),
        data: { limit: "session", count: 2 },
      }),
    },
    {
      by: "an ended session: no attempt",
      prepare: ({ other, ada }) => other.logout(ada.accessToken),
      call: ({ auth, ada }) => auth.reauthenticate(ada.accessToken, { password: RIGHT.password }, FROM),
      ends: "session_revoked",
      leaves: null,
    },
  ],
  "password.change": [
    {
      by: "the right password",
      call: ({ auth, ada }) => auth.password.change(ada.accessToken, CHANGE, FROM),
      leaves: ({ ada }, result) => ({
        type: "change_password",
        outcome: "success",
        userId: ada.user.id,
        ...opened(result),
      }),
    },
    {
      by: "a wrong password",
      call: ({ auth, ada }) =>
        auth.password.change(ada.accessToken, { ...CHANGE, currentPassword: "wrong" }, FROM),
      ends: "invalid_credentials",
      leaves: (stage) => ({
        type: "change_password",
        outcome: "failure",
        reason: "wrong_password",
        ...adaProving(stage),
      }),
    },
    {
      by: "a breached password",
      options: breached,
      call: ({ auth, ada }) => auth.password.change(ada.accessToken, CHANGE, FROM),
      ends: "weak_password",
      leaves: (stage) => ({
        type: "change_password",
        outcome: "failure",
        reason: "weak_password",
        ...adaProving(stage),
      }),
    },
    {
      by: "a security change in between",
      options: overtaken,
      call: ({ auth, ada }) => auth.password.change(ada.accessToken, CHANGE, FROM),
      ends: "session_revoked",
      leaves: (stage) => ({
        type: "change_password",
        outcome: "failure",
        reason: "superseded",
        ...adaProving(stage),
      }),
    },
    {
      by: "an address beyond its limit",
      options: () => ({ limits: { reauthenticate: { address: "1/1m" } } }),
      prepare: ({ auth, ada }) => codeOf(auth.reauthenticate(ada.accessToken, { password: "wrong" }, FROM)),
      call: ({ auth, ada }) => auth.password.change(ada.accessToken, CHANGE, FROM),
      ends: "rate_limited",
      leaves: (stage) => ({
        type: "change_password",
        ...refused,
        ...adaProving(stage),
        data: { limit: "address", count: 2 },
      }),
    },
    {
      by: "a weak new password: no attempt",
      call: ({ auth, ada }) =>
        auth.password.change(ada.accessToken, { ...CHANGE, newPassword: "short" }, FROM),
      ends: "weak_password",
      leaves: null,
    },
  ],
};
