import type { MailContent, MailRequest } from "../../api/mail.ts";
import { normalizeAddress } from "../../domain/client-address.ts";
import { knownDeviceName } from "../../domain/device-name.ts";
import { type MailKind, PROOF_PURPOSES } from "../../domain/vocabulary.ts";
import type { MailFacts, MailProof } from "../../mail-service.ts";

/** Where links lead, and what the application is called. */
export interface MailAddressing {
  readonly name: string;
  /** An absolute URL without query, fragment and credentials. */
  readonly page: string;
  readonly tokenIn: "fragment" | "query";
}

const TOKEN = /^[\w-]{1,256}$/;
const CODE = /^\d{6,10}$/;

/** Makes what a template may say. Of the facts, only what is on a closed list or in one spelling gets in. */
export function mailContent(
  addressing: MailAddressing,
  about: { readonly kind: MailKind; readonly locale: string },
  facts: MailFacts,
): MailContent {
  return Object.freeze({
    ...about,
    application: addressing.name,
    page: addressing.page,
    host: new URL(addressing.page).hostname,
    ...proofContent(addressing, about.kind, facts.proof ?? null),
    request: requestContent(facts.request ?? null),
    factor: facts.factor ?? null,
    reclaimed: facts.reclaimed === true,
    isLast: facts.isLast === true,
  });
}

type ProofContent = Pick<MailContent, "link" | "token" | "code" | "expiresAt" | "codeExpiresAt">;

function proofContent(
  { page, tokenIn }: MailAddressing,
  kind: MailKind,
  proof: MailProof | null,
): ProofContent {
  const needsProof = PROOF_PURPOSES.some((known) => known === kind);
  if (needsProof !== (proof !== null))
    throw new TypeError(`A mail ${kind} ${needsProof ? "needs" : "has no"} proof`);
  if (proof === null) return { link: null, token: null, code: null, expiresAt: null, codeExpiresAt: null };
  const { link, code, expiresAt, codeExpiresAt } = proof;
  if (!TOKEN.test(link) || (code !== null && !CODE.test(code)))
    throw new TypeError(`The proof of a mail ${kind} is malformed`);
  const token = `${kind}.${link}`;
  const mark = tokenIn === "query" ? "?" : "#";
  return { link: `${page}${mark}sallyport=${token}`, token, code, expiresAt, codeExpiresAt };
}

/** Stored facts may be older than these lists: what is not known now is left out. */
function requestContent(request: MailRequest | null): MailRequest | null {
  if (request === null) return null;
  const ip = request.ip === null ? null : normalizeAddress(request.ip);
  return Object.freeze({ at: request.at, ip, device: Object.freeze(knownDeviceName(request.device)) });
}
