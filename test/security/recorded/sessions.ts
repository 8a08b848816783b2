import type { SessionId } from "sallyport";
import { expect } from "vitest";
import { MAX_REFRESH_COUNTER } from "../../../src/domain/refresh-verdict.ts";
import { CLIENT, codeOf } from "../../support/harness.ts";
import { adaProving, FROM, RIGHT, type Rows, refused, type Stage, type Try } from "./stage.ts";

const DAY = 86_400_000;
const failed =
  (reason: string): Try["leaves"] =>
  (stage) => ({
    type: "refresh",
    outcome: "failure",
    reason,
    ...adaProving(stage),
  });

/** Rotates as often, over the other instance. */
async function rotate({ other, ada }: Stage, times: number): Promise<void> {
  let { refreshToken } = ada;
  for (let count = 0; count < times; count++) ({ refreshToken } = await other.refresh(refreshToken, CLIENT));
}

const refreshAda: Try["call"] = ({ auth, ada }) => auth.refresh(ada.refreshToken, FROM);

export const sessionRows: Rows<
  "refresh" | "logout" | "sessions.list" | "sessions.revoke" | "sessions.revokeOthers"
> = {
  refresh: [
    { by: "a live token: the session's row has its time and address", call: refreshAda, leaves: null },
    {
      by: "a forged token: anonymous requests create no rows",
      call: ({ auth }) => auth.refresh("forged", FROM),
      ends: "invalid_token",
      leaves: null,
    },
    {
      by: "a forged token, of an address beyond its limit",
      options: () => ({ limits: { refresh: { address: "1/1m" } } }),
      prepare: ({ auth }) => codeOf(auth.refresh("forged", FROM)),
      call: ({ auth }) => auth.refresh("forged", FROM),
      ends: "rate_limited",
      leaves: () => ({ type: "refresh", ...refused, data: { limit: "address", count: 2 } }),
    },
    {
      by: "a session beyond its limit",
      options: () => ({ limits: { refresh: { session: "1/1m" } } }),
      prepare: refreshAda,
      call: refreshAda,
      ends: "rate_limited",
      leaves: ({ ada }) => ({
        type: "refresh",
        ...refused,
        sessionId: ada.session.id,
        data: { limit: "session", count: 2 },
      }),
    },
    {
      by: "an ended session",
      prepare: ({ other, ada }) => other.logout(ada.accessToken),
      call: refreshAda,
      ends: "session_revoked",
      leaves: failed("session_revoked"),
    },
    {
      by: "an expired session",
      prepare: ({ clock }) => clock.advance(14 * DAY),
      call: refreshAda,
      ends: "session_expired",
      leaves: failed("session_expired"),
    },
    {
      by: "a session that went with its user",
      prepare: ({ other, ada }) => other.users.delete(ada.user.id),
      call: refreshAda,
      ends: "invalid_token",
      leaves: ({ ada }) => ({
        type: "refresh",
        outcome: "failure",
        reason: "invalid_token",
        sessionId: ada.session.id,
      }),
    },
    {
      by: "a token that two rotations overtook",
      prepare: (stage) => rotate(stage, 2),
      call: refreshAda,
      ends: "invalid_token",
      leaves: failed("refresh_stale"),
    },
    {
      by: "a used token: the session ends",
      prepare: async (stage) => {
        await rotate(stage, 1);
        stage.clock.advance(60_000);
      },
      call: refreshAda,
      ends: "session_revoked",
      leaves: (stage) => ({
        type: "refresh",
        outcome: "failure",
        reason: "refresh_reuse",
        ...adaProving(stage),
        data: { lastIp: CLIENT.ip },
      }),
    },
    {
      by: "the last of all counters: the session ends",
      call: async ({ auth, ada, ctx, store }) => {
        const id = ctx.newId<SessionId>(ctx.clock.now());
        const counter = MAX_REFRESH_COUNTER;
        const found = await store.sessions.find(ada.session.id);
        if (found) await store.sessions.create({ ...found.session, id, refreshCounter: counter, ip: null });
        const token = ctx.refreshTokens.issue({ sessionId: id, counter });
        expect(await codeOf(auth.refresh(token, FROM))).toBe("session_revoked");
        return id;
      },
      leaves: ({ ada }, sessionId) => ({
        type: "refresh",
        outcome: "failure",
        reason: "refresh_exhausted",
        userId: ada.user.id,
        sessionId,
      }),
    },
  ],
  logout: [
    {
      by: "a live session",
      call: ({ auth, ada }) => auth.logout(ada.accessToken, FROM),
      leaves: (stage) => ({ type: "logout", outcome: "success", ...adaProving(stage) }),
    },
    {
      by: "its refresh token",
      call: ({ auth, ada }) => auth.logout(ada.refreshToken, FROM),
      leaves: (stage) => ({ type: "logout", outcome: "success", ...adaProving(stage) }),
    },
    {
      by: "an ended session: nothing happens",
      prepare: ({ other, ada }) => other.logout(ada.accessToken),
      call: ({ auth, ada }) => auth.logout(ada.accessToken, FROM),
      leaves: null,
    },
    {
      by: "a forged token: anonymous requests create no rows",
      call: ({ auth }) => auth.logout("forged", FROM),
      ends: "invalid_token",
      leaves: null,
    },
  ],
  "sessions.list": [
    {
      by: "a live token: it only reads",
      call: ({ auth, ada }) => auth.sessions.list(ada.accessToken),
      leaves: null,
    },
  ],
  "sessions.revoke": [
    {
      by: "a live session",
      call: ({ auth, ada }) => auth.sessions.revoke(ada.accessToken, ada.session.id, FROM),
      leaves: (stage) => ({ type: "revoke_session", outcome: "success", ...adaProving(stage) }),
    },
    {
      by: "a session of another user: nothing happens",
      call: async ({ auth, other, ada }) => {
        const bob = await other.signup({ ...RIGHT, email: "bob@example.com" }, CLIENT);
        return auth.sessions.revoke(ada.accessToken, bob.session.id, FROM);
      },
      ends: "not_found",
      leaves: null,
    },
  ],
  "sessions.revokeOthers": [
    {
      by: "one other session",
      prepare: ({ other }) => other.login(RIGHT, CLIENT),
      call: ({ auth, ada }) => auth.sessions.revokeOthers(ada.accessToken, FROM),
      leaves: (stage) => ({
        type: "revoke_other_sessions",
        outcome: "success",
        ...adaProving(stage),
        data: { endedSessions: 1 },
      }),
    },
    {
      by: "no other session: nothing happens",
      call: ({ auth, ada }) => auth.sessions.revokeOthers(ada.accessToken, FROM),
      leaves: null,
    },
  ],
};
