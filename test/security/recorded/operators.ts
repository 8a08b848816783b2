import type { AuthOptions, Mailer } from "sallyport";
import { capturingMailer } from "sallyport/testing";
import { mailRow } from "../../../src/kit/proofs/mail-row.ts";
import { codeOf } from "../../support/harness.ts";
import { adaNamed, endedUse, FROM, HMAC, type Rows, type Said, type Stage, type Try } from "./stage.ts";

const UNKNOWN_ID = "018f0000-0000-7000-8000-000000000000";
const OPERATOR = { ...FROM, by: "staff:7", reason: "asked by mail" };
const SAID = { by: OPERATOR.by, reason: OPERATOR.reason };

function notFound(type: Said["type"], data: object): Said {
  return { type, outcome: "failure", reason: "not_found", data };
}

const crossSite = { type: "cross_site_request", outcome: "refused", reason: "cross_site_request" } as const;
const recordCrossSite: Try["call"] = ({ auth }) => auth.events.recordCrossSite(FROM);

const REFUSED = { permanent: true, code: "EENVELOPE", responseCode: 550 };

function sending(mailer: Mailer): Partial<AuthOptions> {
  return { mailer, mail: { page: "https://app.acme.example/mail", delivery: "manual" } };
}

async function putMail({ ctx, ada }: Stage): Promise<void> {
  const client = { ip: FROM.ip, userAgent: FROM.userAgent ?? null, requestId: FROM.requestId ?? null };
  const data = { locale: null, client, userId: ada.user.id };
  await ctx.store.outbox.put([
    mailRow(ctx, { kind: "password_changed", recipient: ada.user.email, proofId: null, data }),
  ]);
}

async function twice(call: (stage: Stage) => Promise<unknown>, stage: Stage): Promise<void> {
  await call(stage);
  await call(stage);
}

export const operatorRows: Rows<
  | "users.disable"
  | "users.enable"
  | "users.delete"
  | "events.list"
  | "events.recordCrossSite"
  | "mail.deliver"
  | "mail.dead"
  | "mail.retry"
  | "purge"
  | "health"
  | "jwks"
  | "warn"
  | "close"
> = {
  "users.disable": [
    {
      by: "an active user",
      call: ({ auth, ada }) => auth.users.disable(ada.user.id, FROM),
      leaves: ({ ada }) => ({ type: "disable", outcome: "success", userId: ada.user.id }),
    },
    {
      by: "a disabled user: nothing happens",
      prepare: ({ other, ada }) => other.users.disable(ada.user.id),
      call: ({ auth, ada }) => auth.users.disable(ada.user.id, FROM),
      leaves: null,
    },
    {
      by: "an operator with a name and a reason",
      call: ({ auth, ada }) => auth.users.disable(ada.user.id, OPERATOR),
      leaves: ({ ada }) => ({ type: "disable", outcome: "success", userId: ada.user.id, data: SAID }),
    },
    {
      by: "an unknown user",
      call: ({ auth }) => auth.users.disable(UNKNOWN_ID, OPERATOR),
      ends: "not_found",
      leaves: () => notFound("disable", { ...SAID, target: UNKNOWN_ID }),
    },
    {
      by: "the second unknown user in a minute",
      prepare: ({ auth }) => codeOf(auth.users.enable(UNKNOWN_ID, FROM)),
      call: ({ auth }) => auth.users.disable(UNKNOWN_ID, OPERATOR),
      ends: "not_found",
      leaves: () => notFound("disable", { ...SAID, target: UNKNOWN_ID, limit: "address", count: 2 }),
    },
    {
      by: "the third one in a minute: no script can fill the log",
      prepare: async ({ auth }) => {
        for (const _ of [1, 2]) await codeOf(auth.users.delete(UNKNOWN_ID, FROM));
      },
      call: ({ auth }) => auth.users.disable(UNKNOWN_ID, OPERATOR),
      ends: "not_found",
      leaves: null,
    },
    {
      by: "a malformed id: nothing is searched",
      call: ({ auth }) => auth.users.disable("1 or 1=1", OPERATOR),
      ends: "not_found",
      leaves: null,
    },
  ],
  "users.enable": [
    {
      by: "a disabled user",
      prepare: ({ other, ada }) => other.users.disable(ada.user.id),
      call: ({ auth, ada }) => auth.users.enable(ada.user.id, FROM),
      leaves: ({ ada }) => ({ type: "enable", outcome: "success", userId: ada.user.id }),
    },
    {
      by: "an operator with a name and a reason",
      prepare: ({ other, ada }) => other.users.disable(ada.user.id),
      call: ({ auth, ada }) => auth.users.enable(ada.user.id, OPERATOR),
      leaves: ({ ada }) => ({ type: "enable", outcome: "success", userId: ada.user.id, data: SAID }),
    },
    {
      by: "an unknown user",
      call: ({ auth }) => auth.users.enable(UNKNOWN_ID, FROM),
      ends: "not_found",
      leaves: () => notFound("enable", { target: UNKNOWN_ID }),
    },
    {
      by: "an active user: nothing happens",
      call: ({ auth, ada }) => auth.users.enable(ada.user.id, FROM),
      leaves: null,
    },
  ],
  "users.delete": [
    {
      by: "a user: the event is of no user",
      call: ({ auth, ada }) => auth.users.delete(ada.user.id, FROM),
      leaves: () => ({ type: "delete", outcome: "success", attemptedEmail: HMAC }),
    },
    {
      by: "an operator with a name and a reason",
      call: ({ auth, ada }) => auth.users.delete(ada.user.id, OPERATOR),
      leaves: () => ({ type: "delete", outcome: "success", attemptedEmail: HMAC, data: SAID }),
    },
    {
      by: "an unknown user",
      call: ({ auth }) => auth.users.delete(UNKNOWN_ID, FROM),
      ends: "not_found",
      leaves: () => notFound("delete", { target: UNKNOWN_ID }),
    },
  ],
  "events.list": [
    {
      by: "a live token: it only reads",
      call: ({ auth, ada }) => auth.events.list(ada.accessToken, {}, FROM),
      leaves: null,
    },
    {
      by: "an ended session",
      prepare: ({ other, ada }) => other.logout(ada.accessToken),
      call: ({ auth, ada }) => auth.events.list(ada.accessToken, {}, FROM),
      ends: "session_revoked",
      leaves: endedUse,
    },
  ],
  "events.recordCrossSite": [
    { by: "a request of another site", call: recordCrossSite, leaves: () => crossSite },
    {
      by: "the second one of an address",
      prepare: recordCrossSite,
      call: recordCrossSite,
      leaves: () => ({ ...crossSite, data: { limit: "address", count: 2 } }),
    },
    {
      by: "the third one of an address: no page can fill the log",
      prepare: (stage) => twice(async (ready) => recordCrossSite(ready), stage),
      call: recordCrossSite,
      leaves: null,
    },
  ],
  "mail.deliver": [
    {
      by: "a mail of Ada: the event has the client that asked for it",
      options: () => sending(capturingMailer()),
      prepare: putMail,
      call: ({ auth }) => auth.mail.deliver(),
      leaves: (stage) => ({
        type: "mail",
        outcome: "success",
        reason: "password_changed",
        ...adaNamed(stage),
      }),
    },
    {
      by: "a mail that is never accepted",
      options: () => sending({ send: () => Promise.reject(Object.assign(new TypeError("no"), REFUSED)) }),
      prepare: putMail,
      call: ({ auth }) => auth.mail.deliver(),
      leaves: (stage) => ({
        type: "mail",
        outcome: "failure",
        reason: "undeliverable",
        ...adaNamed(stage),
        data: { kind: "password_changed", attempts: 1, code: "EENVELOPE", status: 550 },
      }),
    },
    {
      by: "a mail that is not accepted for now: it is sent again",
      options: () => sending({ send: () => Promise.reject(new TypeError("no")) }),
      prepare: putMail,
      call: ({ auth }) => auth.mail.deliver(),
      leaves: null,
    },
    {
      by: "no mailer: it reads no store",
      call: ({ auth }) => auth.mail.deliver(),
      ends: "invalid_configuration",
      leaves: null,
    },
  ],
  "mail.dead": [{ by: "a page: it only reads", call: ({ auth }) => auth.mail.dead(), leaves: null }],
  "mail.retry": [
    {
      by: "an unknown mail",
      call: ({ auth }) => auth.mail.retry(UNKNOWN_ID),
      ends: "not_found",
      leaves: null,
    },
  ],
  purge: [
    { by: "old rows: it removes events, and adds none", call: ({ auth }) => auth.purge(), leaves: null },
  ],
  health: [{ by: "a probe: it only reads", call: ({ auth }) => auth.health(), leaves: null }],
  warn: [
    { by: "a weak setting: it reads no store", call: ({ auth }) => auth.warn("limit_off"), leaves: null },
  ],
  jwks: [{ by: "public keys: it reads no store", call: ({ auth }) => auth.jwks(), leaves: null }],
  close: [{ by: "the end: no user did it", call: ({ auth }) => auth.close(), leaves: null }],
};
