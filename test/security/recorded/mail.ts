import type { SignedIn } from "sallyport";
import { type CapturingMailer, capturingMailer, insecureTestHasher } from "sallyport/testing";
import { readTicket } from "../../../src/kit/proofs/ticket.ts";
import { codeOf } from "../../support/harness.ts";
import {
  adaNamed,
  adaProving,
  breached,
  endedUse,
  FROM,
  HMAC,
  hashing,
  opened,
  RIGHT,
  type Rows,
  refused,
  type Said,
  type Stage,
  type Try,
} from "./stage.ts";

const EVE = { email: "eve@example.com", password: RIGHT.password };
const NEXT = "Another2staple";
const WRONG = "no code";

type Verification = "required" | "later" | "off";
type Options = NonNullable<Try["options"]>;

/** An application with a mailer. */
export function withMailer(verification: Verification, more?: Options): Options {
  return (before) => ({
    mailer: capturingMailer(),
    mail: { page: "https://app.acme.example/mail", delivery: "manual" },
    email: { verification },
    ...more?.(before),
  });
}

interface Halves {
  readonly challengeToken: string;
  readonly link: string;
  readonly code: string;
}

/** What each stage's mail brought. */
const HELD = new WeakMap<Stage, Halves>();

function held(stage: Stage): Halves {
  const halves = HELD.get(stage);
  if (!halves) throw new TypeError("No mail was asked for");
  return halves;
}

/** Asks for a mail, and reads it. */
const asking =
  (ask: (stage: Stage) => Promise<unknown>) =>
  async (stage: Stage): Promise<void> => {
    const { challengeToken } = (await ask(stage)) as { challengeToken: string };
    await stage.auth.mail.deliver();
    const mail = (stage.ctx.mail?.mailer as CapturingMailer | undefined)?.all.at(-1);
    HELD.set(stage, { challengeToken, link: mail?.link?.split(".").at(-1) ?? "", code: mail?.code ?? "" });
  };

const askSignup = asking(({ rawSignup }) => rawSignup(EVE, FROM));
const askReset = asking(({ auth }) => auth.password.requestReset({ email: RIGHT.email }, FROM));
const askLogin = asking(({ auth }) => auth.login(RIGHT, FROM));
const askVerification = asking(({ auth, ada }) => auth.email.requestVerification(ada.accessToken, FROM));

const byCode = (stage: Stage) => ({ challengeToken: held(stage).challengeToken, code: held(stage).code });
const byWrongCode = (stage: Stage) => ({ ...byCode(stage), code: WRONG });
const byLink = (stage: Stage) => ({ link: held(stage).link, password: NEXT });
/** The link of a proof with another seal. */
const forgedLink = (stage: Stage) => `${held(stage).link.slice(0, 24)}${"A".repeat(42)}`;

/** Takes the proof while the password is judged. */
function takenMeanwhile(): Options {
  return () => ({
    password: {
      hasher: insecureTestHasher(),
      isBreached: async (password) => {
        if (password === NEXT) await TAKE.now();
        return false;
      },
    },
  });
}
const TAKE = { now: async (): Promise<unknown> => undefined };

const takingMeanwhile =
  (ask: (stage: Stage) => Promise<void>, meanwhile: (stage: Stage) => Promise<unknown>) =>
  async (stage: Stage): Promise<void> => {
    await ask(stage);
    TAKE.now = async () => {
      TAKE.now = async () => undefined;
      return meanwhile(stage);
    };
  };

async function takeProof(stage: Stage): Promise<unknown> {
  const ticket = readTicket(stage.ctx, "signup", held(stage).challengeToken);
  return ticket && stage.store.proofs.take(ticket.id, stage.clock.now());
}

const ofAddress = (type: Said["type"], reason: string): Said => ({
  type,
  outcome: "failure",
  reason,
  attemptedEmail: HMAC,
});
const tooOften = (type: Said["type"]): Said => ({ type, ...refused, data: { limit: "address", count: 2 } });
const onePerMinute = (name: "proof" | "mail"): Options =>
  withMailer("off", () => ({ limits: { [name]: { address: "1/1m" } } }));
const asked = (type: Said["type"]): Said => ({
  type,
  outcome: "challenged",
  reason: "email",
  attemptedEmail: HMAC,
});

export const mailRows: Rows<
  | "confirmSignup"
  | "challenges.email"
  | "password.requestReset"
  | "password.reset"
  | "email.requestVerification"
  | "email.verify"
  | "mail.resend"
> = {
  confirmSignup: [
    {
      by: "the code of the mail",
      options: withMailer("required"),
      prepare: askSignup,
      call: (stage) => stage.auth.confirmSignup(byCode(stage), FROM),
      leaves: (_, result) => ({
        type: "signup",
        outcome: "success",
        userId: (result as SignedIn).user.id,
        attemptedEmail: EVE.email,
        ...opened(result),
      }),
    },
    {
      by: "a wrong code",
      options: withMailer("required"),
      prepare: askSignup,
      call: (stage) => stage.auth.confirmSignup(byWrongCode(stage), FROM),
      ends: "invalid_code",
      leaves: () => ofAddress("signup", "wrong_code"),
    },
    {
      by: "a wrong link",
      options: withMailer("required"),
      prepare: askSignup,
      call: (stage) => stage.auth.confirmSignup({ link: forgedLink(stage), password: NEXT }, FROM),
      ends: "invalid_code",
      leaves: () => ofAddress("signup", "wrong_link"),
    },
    {
      by: "a challenge that is forged",
      options: withMailer("required"),
      call: ({ auth }) => auth.confirmSignup({ challengeToken: "forged", code: WRONG }, FROM),
      ends: "invalid_code",
      leaves: () => ({ type: "signup", outcome: "failure", reason: "proof_unknown" }),
    },
    {
      by: "the sixth code",
      options: withMailer("required"),
      prepare: async (stage) => {
        await askSignup(stage);
        for (let guess = 0; guess < 5; guess++)
          await codeOf(stage.auth.confirmSignup(byWrongCode(stage), { ip: null }));
      },
      call: (stage) => stage.auth.confirmSignup(byCode(stage), FROM),
      ends: "invalid_code",
      leaves: () => ofAddress("signup", "attempts_used_up"),
    },
    {
      by: "an account that was made meanwhile",
      options: withMailer("required"),
      prepare: async (stage) => {
        await askSignup(stage);
        await stage.other.signup(EVE, { ip: null });
      },
      call: (stage) => stage.auth.confirmSignup(byCode(stage), FROM),
      ends: "email_taken",
      leaves: () => ofAddress("signup", "email_taken"),
    },
    {
      by: "a proof that another confirmation took",
      options: withMailer("required", takenMeanwhile()),
      prepare: takingMeanwhile(askSignup, takeProof),
      call: (stage) => stage.auth.confirmSignup(byLink(stage), FROM),
      ends: "invalid_code",
      leaves: () => ofAddress("signup", "proof_overtaken"),
    },
  ],
  "challenges.email": [
    {
      by: "the code of the mail",
      options: withMailer("required"),
      prepare: askLogin,
      call: (stage) => stage.auth.challenges.email(byCode(stage), FROM),
      leaves: (stage, result) => ({
        type: "login",
        outcome: "success",
        ...adaNamed(stage),
        ...opened(result),
      }),
    },
    {
      by: "a wrong code",
      options: withMailer("required"),
      prepare: askLogin,
      call: (stage) => stage.auth.challenges.email(byWrongCode(stage), FROM),
      ends: "invalid_code",
      leaves: () => ofAddress("login", "wrong_code"),
    },
  ],
  "password.requestReset": [
    {
      by: "an address with an account",
      options: withMailer("off"),
      call: ({ auth }) => auth.password.requestReset({ email: RIGHT.email }, FROM),
      leaves: () => asked("request_password_reset"),
    },
    {
      by: "an address without an account",
      options: withMailer("off"),
      call: ({ auth }) => auth.password.requestReset({ email: EVE.email }, FROM),
      leaves: () => asked("request_password_reset"),
    },
    {
      by: "an address beyond its budget",
      options: withMailer("off", () => ({ limits: { mail: { account: "1/1d" } } })),
      prepare: ({ auth }) => auth.password.requestReset({ email: EVE.email }, { ip: null }),
      call: ({ auth }) => auth.password.requestReset({ email: EVE.email }, FROM),
      leaves: () => ({ ...asked("request_password_reset"), data: { limit: "account" } }),
    },
    {
      by: "a client that asks too often",
      options: onePerMinute("mail"),
      prepare: ({ auth }) => auth.password.requestReset({ email: EVE.email }, FROM),
      call: ({ auth }) => auth.password.requestReset({ email: RIGHT.email }, FROM),
      ends: "rate_limited",
      leaves: () => ({ ...tooOften("request_password_reset"), attemptedEmail: HMAC }),
    },
    {
      by: "a mail that cannot be stored",
      options: withMailer("off"),
      call: ({ auth }) => auth.password.requestReset({ email: RIGHT.email }, FROM),
      fails: "outbox.put",
      ends: "unavailable",
      leaves: () => ofAddress("request_password_reset", "unavailable"),
    },
  ],
  "password.reset": [
    {
      by: "the link of the mail",
      options: withMailer("off"),
      prepare: askReset,
      call: (stage) => stage.auth.password.reset(byLink(stage), FROM),
      leaves: (stage) => ({ type: "reset_password", outcome: "success", ...adaNamed(stage) }),
    },
    {
      by: "a wrong link",
      options: withMailer("off"),
      prepare: askReset,
      call: (stage) => stage.auth.password.reset({ ...byLink(stage), link: forgedLink(stage) }, FROM),
      ends: "invalid_code",
      leaves: () => ofAddress("reset_password", "wrong_link"),
    },
    {
      by: "a wrong code",
      options: withMailer("off"),
      prepare: askReset,
      call: (stage) => stage.auth.password.reset({ ...byWrongCode(stage), password: NEXT }, FROM),
      ends: "invalid_code",
      leaves: () => ofAddress("reset_password", "wrong_code"),
    },
    {
      by: "a link that was used",
      options: withMailer("off"),
      prepare: async (stage) => {
        await askReset(stage);
        await stage.auth.password.reset(byLink(stage), { ip: null });
      },
      call: (stage) => stage.auth.password.reset(byLink(stage), FROM),
      ends: "invalid_code",
      leaves: () => ofAddress("reset_password", "proof_unknown"),
    },
    {
      by: "the sixth code",
      options: withMailer("off"),
      prepare: async (stage) => {
        await askReset(stage);
        const wrong = { ...byWrongCode(stage), password: NEXT };
        for (let guess = 0; guess < 5; guess++) await codeOf(stage.auth.password.reset(wrong, { ip: null }));
      },
      call: (stage) => stage.auth.password.reset({ ...byCode(stage), password: NEXT }, FROM),
      ends: "invalid_code",
      leaves: () => ofAddress("reset_password", "attempts_used_up"),
    },
    {
      by: "a weak password",
      options: withMailer("off"),
      prepare: askReset,
      call: (stage) => stage.auth.password.reset({ ...byLink(stage), password: "password" }, FROM),
      ends: "weak_password",
      leaves: () => ofAddress("reset_password", "weak_password"),
    },
    {
      by: "a breached password",
      options: withMailer("off", breached),
      prepare: askReset,
      call: (stage) => stage.auth.password.reset(byLink(stage), FROM),
      ends: "weak_password",
      leaves: () => ofAddress("reset_password", "weak_password"),
    },
    {
      by: "a hasher that fails",
      options: withMailer("off", hashing(new TypeError("no hash"))),
      prepare: askReset,
      call: (stage) => stage.auth.password.reset(byLink(stage), FROM),
      ends: "internal_error",
      leaves: () => ofAddress("reset_password", "internal_error"),
    },
    {
      by: "an account that was disabled and ended no proof",
      options: withMailer("off"),
      prepare: async (stage) => {
        await askReset(stage);
        const { id, createdAt: at } = stage.ada.user;
        await stage.store.users.change(id, 0, { status: "disabled", at });
      },
      call: (stage) => stage.auth.password.reset(byLink(stage), FROM),
      ends: "invalid_code",
      leaves: () => ofAddress("reset_password", "disabled"),
    },
    {
      by: "an account that changes meanwhile",
      options: withMailer("off", takenMeanwhile()),
      prepare: takingMeanwhile(askReset, ({ other, ada }) => other.users.disable(ada.user.id)),
      call: (stage) => stage.auth.password.reset(byLink(stage), FROM),
      ends: "invalid_code",
      besides: 1,
      leaves: () => ofAddress("reset_password", "superseded"),
    },
    {
      by: "a client that answers too often",
      options: onePerMinute("proof"),
      prepare: async ({ auth }) => codeOf(auth.password.reset({ link: "x", password: NEXT }, FROM)),
      call: ({ auth }) => auth.password.reset({ link: "x", password: NEXT }, FROM),
      ends: "rate_limited",
      leaves: () => tooOften("reset_password"),
    },
    {
      by: "a store that fails",
      options: withMailer("off"),
      prepare: askReset,
      call: (stage) => stage.auth.password.reset(byLink(stage), FROM),
      fails: "proofs.take",
      ends: "unavailable",
      leaves: () => ofAddress("reset_password", "unavailable"),
    },
  ],
  "email.requestVerification": [
    {
      by: "a signed-in user",
      options: withMailer("later"),
      call: ({ auth, ada }) => auth.email.requestVerification(ada.accessToken, FROM),
      leaves: (stage) => ({
        type: "request_email_verification",
        outcome: "challenged",
        reason: "email",
        ...adaProving(stage),
      }),
    },
    {
      by: "a session beyond its limit",
      options: withMailer("later", () => ({ limits: { changes: { session: "1/1m" } } })),
      prepare: ({ auth, ada }) => auth.email.requestVerification(ada.accessToken, { ip: null }),
      call: ({ auth, ada }) => auth.email.requestVerification(ada.accessToken, FROM),
      ends: "rate_limited",
      leaves: (stage) => ({
        type: "request_email_verification",
        ...refused,
        ...adaProving(stage),
        data: { limit: "session", count: 2 },
      }),
    },
    {
      by: "a mail that cannot be stored",
      options: withMailer("later"),
      call: ({ auth, ada }) => auth.email.requestVerification(ada.accessToken, FROM),
      fails: "outbox.put",
      ends: "unavailable",
      leaves: (stage) => ({
        type: "request_email_verification",
        outcome: "failure",
        reason: "unavailable",
        ...adaProving(stage),
      }),
    },
    {
      by: "an ended session",
      options: withMailer("later"),
      prepare: ({ other, ada }) => other.logout(ada.accessToken),
      call: ({ auth, ada }) => auth.email.requestVerification(ada.accessToken, FROM),
      ends: "session_revoked",
      leaves: endedUse,
    },
  ],
  "email.verify": [
    {
      by: "the code of the mail",
      options: withMailer("later"),
      prepare: askVerification,
      call: (stage) => stage.auth.email.verify(stage.ada.accessToken, byCode(stage), FROM),
      leaves: (stage) => ({ type: "verify_email", outcome: "success", ...adaProving(stage) }),
    },
    ...(
      [
        ["a wrong code", "wrong_code", byWrongCode],
        ["a wrong link", "wrong_link", (stage: Stage) => ({ link: forgedLink(stage) })],
        ["a text that is no link", "proof_unknown", () => ({ link: "x" })],
      ] as const
    ).map(
      ([by, reason, proof]): Try => ({
        by,
        options: withMailer("later"),
        prepare: askVerification,
        call: (stage) => stage.auth.email.verify(stage.ada.accessToken, proof(stage), FROM),
        ends: "invalid_code",
        leaves: (stage) => ({ type: "verify_email", outcome: "failure", reason, ...adaProving(stage) }),
      }),
    ),
    {
      by: "a session beyond its limit",
      options: withMailer("later", () => ({ limits: { changes: { session: "1/1m" } } })),
      prepare: ({ auth, ada }) => codeOf(auth.email.verify(ada.accessToken, { link: "x" }, { ip: null })),
      call: ({ auth, ada }) => auth.email.verify(ada.accessToken, { link: "x" }, FROM),
      ends: "rate_limited",
      leaves: (stage) => ({
        type: "verify_email",
        ...refused,
        ...adaProving(stage),
        data: { limit: "session", count: 2 },
      }),
    },
    {
      by: "a store that fails",
      options: withMailer("later"),
      prepare: askVerification,
      call: (stage) => stage.auth.email.verify(stage.ada.accessToken, byCode(stage), FROM),
      fails: "proofs.take",
      ends: "unavailable",
      leaves: (stage) => ({
        type: "verify_email",
        outcome: "failure",
        reason: "unavailable",
        ...adaProving(stage),
      }),
    },
  ],
  "mail.resend": [
    {
      by: "the challenge of a reset",
      options: withMailer("off"),
      prepare: askReset,
      call: (stage) => stage.auth.mail.resend({ challengeToken: held(stage).challengeToken }, FROM),
      leaves: () => asked("resend_mail"),
    },
    {
      by: "a challenge that is forged",
      options: withMailer("off"),
      call: ({ auth }) => auth.mail.resend({ challengeToken: "forged" }, FROM),
      ends: "invalid_code",
      leaves: () => ({ type: "resend_mail", outcome: "failure", reason: "proof_unknown" }),
    },
    {
      by: "a client that asks too often",
      options: onePerMinute("mail"),
      prepare: ({ auth }) => codeOf(auth.mail.resend({ challengeToken: "forged" }, FROM)),
      call: ({ auth }) => auth.mail.resend({ challengeToken: "forged" }, FROM),
      ends: "rate_limited",
      leaves: () => tooOften("resend_mail"),
    },
    {
      by: "a mail that cannot be stored",
      options: withMailer("off"),
      prepare: askReset,
      call: (stage) => stage.auth.mail.resend({ challengeToken: held(stage).challengeToken }, FROM),
      fails: "outbox.put",
      ends: "unavailable",
      leaves: () => ofAddress("resend_mail", "unavailable"),
    },
  ],
};
