// What the owner of a mailbox does: gets the mails that wait, and reads links and codes off them.
import type { Auth, AuthOptions, Mail, MailSent, SignedIn } from "sallyport";
import { type CapturingMailer, capturingMailer } from "sallyport/testing";
import { type Harness, makeAuth, PASSWORD } from "./harness.ts";

export const PAGE = "https://app.acme.example/mail";
export const NEXT = "Another2staple";
const HERE = { ip: null };

/** Options of an application with a mailer. */
export const withMail = (more: Partial<AuthOptions> = {}): Partial<AuthOptions> => ({
  mailer: capturingMailer(),
  mail: { page: PAGE, delivery: "manual" },
  ...more,
});

export const noLimits = {
  login: { address: false, account: false, device: false, devices: false },
  signup: { address: false, account: false },
  changes: { session: false },
  mail: { address: false, account: false, device: false, devices: false },
  proof: { address: false, account: false },
} as const;

/** A mail that arrived, with the token of its link. Without a proof both are empty. */
type Arrived = Pick<Mail, "kind" | "to" | "text"> & { readonly link: string; readonly code: string };

export interface MailHarness extends Harness {
  readonly mailer: CapturingMailer;
  /** Delivers what waits. Answers the mails that arrived since the last time. */
  arrive(): Promise<readonly Arrived[]>;
  /** A signup that asks for a mail. */
  ask(email: string, password?: string): Promise<MailSent>;
  /** A signup with its confirmation. */
  open(email: string, password?: string): Promise<SignedIn>;
  /** A reset that was asked for, and its mail. */
  reset(email: string): Promise<MailSent & { readonly mail: Arrived }>;
}

/** An `Auth` with a mailer, on a fake clock. */
export function makeMailAuth(options: Partial<AuthOptions> = {}): MailHarness {
  const mailer = capturingMailer();
  const harness = makeAuth(withMail({ limits: noLimits, mailer, ...options }));
  const { auth, rawSignup } = harness;
  const arrive: MailHarness["arrive"] = async () => {
    mailer.clear();
    await auth.mail.deliver();
    // Five are sent at once: ids say in which order they were asked for.
    return [...mailer.all].sort((a, b) => (a.id < b.id ? -1 : 1)).map(arrived);
  };
  const ask: MailHarness["ask"] = async (email, password = PASSWORD) => {
    const result = await rawSignup({ email, password }, HERE);
    if (result.status !== "check_email") throw new TypeError(`A signup was ${result.status}`);
    return result;
  };
  const open: MailHarness["open"] = async (email, password) => {
    const { challengeToken } = await ask(email, password);
    const code = (await arrive()).at(-1)?.code ?? "";
    const result = await auth.confirmSignup({ challengeToken, code }, HERE);
    if (result.status !== "signed_in") throw new TypeError(`A confirmation was ${result.status}`);
    return result;
  };
  const reset: MailHarness["reset"] = async (email) => {
    const sent = await auth.password.requestReset({ email }, HERE);
    return { ...sent, mail: (await arrive()).at(-1) as Arrived };
  };
  return { ...harness, mailer, arrive, ask, open, reset };
}

/** The library's own `Auth` of a harness: its signup may ask for a mail. */
export function serving({ auth, rawSignup }: Pick<Harness, "auth" | "rawSignup">): { readonly auth: Auth } {
  return { auth: { ...auth, signup: rawSignup } };
}

function arrived({ kind, to, text, link, code }: Mail): Arrived {
  return { kind, to, text, link: link?.split(".").at(-1) ?? "", code: code ?? "" };
}
