import { AuthError } from "sallyport";
import { codeOf } from "../../support/harness.ts";
import {
  adaProving,
  breached,
  brokenClaims,
  endedUse,
  FROM,
  hashing,
  opened,
  overtaken,
  RIGHT,
  type Rows,
  refused,
  type Stage,
  type Try,
} from "./stage.ts";

const CHANGE = { currentPassword: RIGHT.password, newPassword: "Another2staple" };

const reauthenticateAda: Try["call"] = ({ auth, ada }) =>
  auth.reauthenticate(ada.accessToken, { password: RIGHT.password }, FROM);
const changeAda: Try["call"] = ({ auth, ada }) => auth.password.change(ada.accessToken, CHANGE, FROM);

const failed =
  (type: "reauthenticate" | "change_password", reason: string): Try["leaves"] =>
  (stage) => ({ type, outcome: "failure", reason, ...adaProving(stage) });

async function withoutPassword({ store, ada }: Stage): Promise<void> {
  const [password] = await store.credentials.list(ada.user.id, "password");
  if (password) await store.credentials.remove(ada.user.id, password.id);
}

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
      by: "an account that lost its password",
      prepare: withoutPassword,
      call: reauthenticateAda,
      ends: "invalid_credentials",
      leaves: failed("reauthenticate", "no_password"),
    },
    {
      by: "a full queue of hashes",
      options: hashing(new AuthError("overloaded")),
      call: reauthenticateAda,
      ends: "overloaded",
      leaves: failed("reauthenticate", "overloaded"),
    },
    {
      by: "a store that fails",
      fails: "credentials.list",
      call: reauthenticateAda,
      ends: "unavailable",
      leaves: failed("reauthenticate", "unavailable"),
    },
    {
      by: "a hook that fails",
      options: brokenClaims,
      call: reauthenticateAda,
      ends: "internal_error",
      leaves: failed("reauthenticate", "internal_error"),
    },
    {
      by: "a security change in between",
      options: overtaken,
      besides: 1,
      call: reauthenticateAda,
      ends: "session_revoked",
      leaves: failed("reauthenticate", "superseded"),
    },
    {
      by: "an address beyond its limit",
      options: () => ({ limits: { reauthenticate: { address: "1/1m" } } }),
      prepare: ({ auth, ada }) => codeOf(auth.reauthenticate(ada.accessToken, { password: "wrong" }, FROM)),
      call: reauthenticateAda,
      ends: "rate_limited",
      leaves: (stage) => ({
        type: "reauthenticate",
        ...refused,
        ...adaProving(stage),
        data: { limit: "address", count: 2 },
      }),
    },
    {
      by: "an ended session",
      prepare: ({ other, ada }) => other.logout(ada.accessToken),
      call: reauthenticateAda,
      ends: "session_revoked",
      leaves: endedUse,
    },
    {
      by: "malformed input: no attempt",
      call: ({ auth, ada }) => auth.reauthenticate(ada.accessToken, { password: "" }, FROM),
      ends: "invalid_input",
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
      by: "an account that lost its password",
      prepare: withoutPassword,
      call: changeAda,
      ends: "invalid_credentials",
      leaves: failed("change_password", "no_password"),
    },
    {
      by: "a full queue of hashes",
      options: hashing(new AuthError("overloaded")),
      call: changeAda,
      ends: "overloaded",
      leaves: failed("change_password", "overloaded"),
    },
    {
      by: "a store that fails",
      fails: "credentials.list",
      call: changeAda,
      ends: "unavailable",
      leaves: failed("change_password", "unavailable"),
    },
    {
      by: "a hook that fails",
      options: brokenClaims,
      call: changeAda,
      ends: "internal_error",
      leaves: failed("change_password", "internal_error"),
    },
    {
      by: "a session beyond its limit",
      options: () => ({ limits: { reauthenticate: { session: "1/1m" } } }),
      prepare: ({ auth, ada }) => codeOf(auth.reauthenticate(ada.accessToken, { password: "wrong" }, FROM)),
      call: changeAda,
      ends: "rate_limited",
      leaves: (stage) => ({
        type: "change_password",
        ...refused,
        ...adaProving(stage),
        data: { limit: "session", count: 2 },
      }),
    },
    {
      by: "an ended session",
      prepare: ({ other, ada }) => other.logout(ada.accessToken),
      call: changeAda,
      ends: "session_revoked",
      leaves: endedUse,
    },
    {
      by: "a security change in between",
      options: overtaken,
      besides: 1,
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
