// One mail of each kind, as a delivery would make it: for `npm run mails`, and for tests.
import { MAIL_KINDS, type MailKind, PROOF_PURPOSES } from "../src/domain/vocabulary.ts";
import { type MailRendering, mailRenderer } from "../src/kit/mail/mail-renderer.ts";
import type { MailFacts, MailProof, ReadyMail } from "../src/mail-service.ts";

export const RENDERING: MailRendering = {
  name: "Acme",
  page: "https://app.acme.example/mail",
  tokenIn: "fragment",
  locale: "en",
  templates: {},
};

export const AT: Date = new Date("2026-11-20T14:03:00Z");
const after = (minutes: number): Date => new Date(AT.getTime() + minutes * 60_000);

export const PROOF: MailProof = {
  link: "AQG0mCRtpHMOt8vTqzvYl2aKz5s1xN4wUe7hVJb-3kQdYcR9fXnLgE6oWiTuZpSM0y",
  code: "402917",
  expiresAt: after(60),
  codeExpiresAt: after(10),
};

const BY_PERSON: Pick<MailFacts, "to" | "request"> = {
  to: "ada@example.com",
  request: { at: AT, ip: "203.0.113.7", device: { browser: "Firefox", system: "Windows" } },
};

/** What differs from kind to kind. */
const DETAILS: Readonly<Partial<Record<MailKind, Partial<MailFacts>>>> = {
  signup: { proof: { ...PROOF, expiresAt: after(24 * 60) } },
  email_revert: { proof: { ...PROOF, expiresAt: after(72 * 60), codeExpiresAt: null } },
  invitation: {
    proof: { ...PROOF, code: null, codeExpiresAt: null, expiresAt: after(7 * 24 * 60) },
    request: null,
  },
  deletion_undo: { proof: { ...PROOF, expiresAt: after(30 * 24 * 60), codeExpiresAt: null } },
  factor_changed: { factor: { kind: "passkey", change: "added" } },
  new_device: { isLast: true },
  password_changed: { reclaimed: true },
};

/** The facts of a mail of this kind. */
export function sampleFacts(kind: MailKind): MailFacts {
  const needsProof = PROOF_PURPOSES.some((known) => known === kind);
  return { ...BY_PERSON, proof: needsProof ? PROOF : null, ...DETAILS[kind] };
}

/** A mail of each kind, in one language. */
export function sampleMails(rendering: MailRendering = RENDERING, locale = "en"): readonly ReadyMail[] {
  const render = mailRenderer(rendering);
  return MAIL_KINDS.map((kind) => render(kind, sampleFacts(kind), locale));
}
