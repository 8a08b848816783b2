import type { SessionId } from "sallyport";
import { expect } from "vitest";
import { MAX_REFRESH_COUNTER } from "../../../src/domain/refresh-verdict.ts";
import { CLIENT, codeOf, signedIn } from "../../support/harness.ts";
import {
  adaProving,
  brokenClaims,
  endedUse,
  FROM,
  RIGHT,
  type Rows,
  refused,
  type Said,
  type Stage,
  type Try,
} from "./stage.ts";

const DAY = 86_400_000;
const failed =
  (reason: string): NonNullable<Try["leaves"]> =>
  (stage) => ({
    type: "refresh",
    outcome: "failure",
    reason,
    ...adaProving(stage),
  });

const UNKNOWN_ID = "018f0000-0000-7000-8000-000000000000";

const notFound = (stage: Stage, data: object): Said => ({
  type: "revoke_session",
  outcome: "failure",
  reason: "not_found",
  ...adaProving(stage),
  data,
});

/** Rotates as often, over the other instance. */
async function rotate({ other, ada }: Stage, times: number): Promise<void> {
  let { refreshToken } = ada;
  for (let count = 0; count < times; count++) ({ refreshToken } = await other.refresh(refreshToken, CLIENT));
}

const repeated =
  (lastIp: string | null): NonNullable<Try["leaves"]> =>
  (stage) => ({ type: "refresh_repeated", outcome: "success", ...adaProving(stage), data: { lastIp } });

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
      by: "the token before it, from where it was rotated: the client lost the answer",
      prepare: ({ other, ada }) => other.refresh(ada.refreshToken, FROM),
      call: refreshAda,
      leaves: null,
    },
    {
      by: "the token before it, from another address",
      prepare: ({ other, ada }) => other.refresh(ada.refreshToken, { ...FROM, ip: CLIENT.ip }),
      call: refreshAda,
      leaves: repeated(CLIENT.ip),
    },
    {
      by: "the token before it, from another user agent",
      prepare: ({ other, ada }) => other.refresh(ada.refreshToken, { ...FROM, userAgent: "Copy/1.0" }),
      call: refreshAda,
      leaves: repeated(FROM.ip),
    },
    {
      by: "the token before it, from another place for the second time",
      prepare: async (stage) => {
        await rotate(stage, 1);
        await refreshAda(stage);
      },
      call: refreshAda,
      leaves: (stage, result) => ({
        ...repeated(CLIENT.ip)(stage, result),
        data: { lastIp: CLIENT.ip, limit: "session", count: 2 },
      }),
    },
    {
      by: "the token before it, from another place for the third time: no copy can fill the log",
      prepare: async (stage) => {
        await rotate(stage, 1);
        for (const _ of [1, 2]) await refreshAda(stage);
      },
      call: refreshAda,
      leaves: null,
    },
    {
      by: "a counter that was never issued",
      call: ({ auth, ada, ctx }) =>
        auth.refresh(ctx.refreshTokens.issue({ sessionId: ada.session.id, counter: 7 }), FROM),
      ends: "invalid_token",
      leaves: failed("invalid_token"),
    },
    {
      by: "a disabled user",
      prepare: ({ other, ada }) => other.users.disable(ada.user.id),
      call: refreshAda,
      ends: "session_revoked",
      leaves: failed("session_revoked"),
    },
    {
      by: "a store that fails",
      fails: "sessions.rotate",
      call: refreshAda,
      ends: "unavailable",
      leaves: failed("unavailable"),
    },
    {
      by: "a hook that fails",
      options: brokenClaims,
      call: refreshAda,
      ends: "internal_error",
      leaves: failed("internal_error"),
    },
    {
      by: "an ended session, of an address beyond its limit",
      options: () => ({ limits: { refresh: { address: "1/1m" } } }),
      prepare: async (stage) => {
        await stage.other.logout(stage.ada.accessToken);
        await codeOf(Promise.resolve(refreshAda(stage)));
      },
      call: refreshAda,
      ends: "session_revoked",
      leaves: () => ({ type: "refresh", ...refused, data: { limit: "address", count: 2 } }),
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
      by: "a session beyond its limit",
      options: () => ({ limits: { changes: { session: "1/1m" } } }),
      prepare: ({ auth, ada }) => auth.logout(ada.accessToken, FROM),
      call: ({ auth, ada }) => auth.logout(ada.refreshToken, FROM),
      ends: "rate_limited",
      leaves: (stage) => ({
        type: "logout",
        ...refused,
        ...{ sessionId: stage.ada.session.id },
        data: { limit: "session", count: 2 },
      }),
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
      call: ({ auth, ada }) => auth.sessions.list(ada.accessToken, FROM),
      leaves: null,
    },
    {
      by: "an ended session",
      prepare: ({ other, ada }) => other.logout(ada.accessToken),
      call: ({ auth, ada }) => auth.sessions.list(ada.accessToken, FROM),
      ends: "session_revoked",
      leaves: endedUse,
    },
  ],
  "sessions.revoke": [
    {
      by: "a session beyond its limit",
      options: () => ({ limits: { changes: { session: "1/1m" } } }),
      prepare: ({ auth, ada }) => auth.sessions.revokeOthers(ada.accessToken, FROM),
      call: ({ auth, ada }) => auth.sessions.revoke(ada.accessToken, ada.session.id, FROM),
      ends: "rate_limited",
      leaves: (stage) => ({
        type: "revoke_session",
        ...refused,
        ...adaProving(stage),
        data: { limit: "session", count: 2 },
      }),
    },
    {
      by: "a live session",
      call: ({ auth, ada }) => auth.sessions.revoke(ada.accessToken, ada.session.id, FROM),
      leaves: (stage) => ({ type: "revoke_session", outcome: "success", ...adaProving(stage) }),
    },
    {
      by: "an ended session of one's own: nothing happens",
      besides: 2,
      call: async ({ auth, other, ada }) => {
        const second = signedIn(await other.login(RIGHT, CLIENT));
        await other.logout(second.accessToken);
        return auth.sessions.revoke(ada.accessToken, second.session.id, FROM);
      },
      leaves: null,
    },
    {
      by: "a session of another user",
      besides: 1,
      call: async ({ auth, other, ada }) => {
        const bob = await other.signup({ ...RIGHT, email: "bob@example.com" }, CLIENT);
        const { id } = bob.session;
        expect(await codeOf(auth.sessions.revoke(ada.accessToken, id, FROM))).toBe("not_found");
        return id;
      },
      leaves: (stage, target) => notFound(stage, { target }),
    },
    {
      by: "an unknown session: the same event",
      call: ({ auth, ada }) => auth.sessions.revoke(ada.accessToken, UNKNOWN_ID, FROM),
      ends: "not_found",
      leaves: (stage) => notFound(stage, { target: UNKNOWN_ID }),
    },
    {
      by: "the second unknown session in a minute",
      prepare: ({ auth, ada }) => codeOf(auth.sessions.revoke(ada.accessToken, UNKNOWN_ID, FROM)),
      call: ({ auth, ada }) => auth.sessions.revoke(ada.accessToken, UNKNOWN_ID, FROM),
      ends: "not_found",
      leaves: (stage) => notFound(stage, { target: UNKNOWN_ID, limit: "session", count: 2 }),
    },
    {
      by: "the third one in a minute: no user can fill the log",
      prepare: async ({ auth, ada }) => {
        for (const _ of [1, 2]) await codeOf(auth.sessions.revoke(ada.accessToken, UNKNOWN_ID, FROM));
      },
      call: ({ auth, ada }) => auth.sessions.revoke(ada.accessToken, UNKNOWN_ID, FROM),
      ends: "not_found",
      leaves: null,
    },
    {
      by: "a malformed id: nothing is searched",
      call: ({ auth, ada }) => auth.sessions.revoke(ada.accessToken, "1 or 1=1", FROM),
      ends: "not_found",
      leaves: null,
    },
    {
      by: "an ended session of the caller",
      prepare: ({ other, ada }) => other.logout(ada.accessToken),
      call: ({ auth, ada }) => auth.sessions.revoke(ada.accessToken, UNKNOWN_ID, FROM),
      ends: "session_revoked",
      leaves: endedUse,
    },
  ],
  "sessions.revokeOthers": [
    {
      by: "a session beyond its limit",
      options: () => ({ limits: { changes: { session: "1/1m" } } }),
      prepare: ({ auth, ada }) => auth.sessions.revokeOthers(ada.accessToken, FROM),
      call: ({ auth, ada }) => auth.sessions.revokeOthers(ada.accessToken, FROM),
      ends: "rate_limited",
      leaves: (stage) => ({
        type: "revoke_other_sessions",
        ...refused,
        ...adaProving(stage),
        data: { limit: "session", count: 2 },
      }),
    },
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
    {
      by: "an ended session",
      prepare: ({ other, ada }) => other.logout(ada.accessToken),
      call: ({ auth, ada }) => auth.sessions.revokeOthers(ada.accessToken, FROM),
      ends: "session_revoked",
      leaves: endedUse,
    },
  ],
};
