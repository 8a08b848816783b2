import { canonicalEmail } from "../../domain/email.ts";
import { misconfigured } from "../../errors.ts";
import { optionsProblem } from "../../lib/plain-object.ts";
import { isHeaderLine } from "../../lib/text.ts";
import { parseSmtpUrl, type SmtpServer } from "./smtp-url.ts";

export interface NodemailerOptions {
  /** The sender: `auth@acme.example`, or `Acme <auth@acme.example>`. */
  readonly from: string;
  /** How long one mail may take, from the connection to the server's yes, in milliseconds. 1,000 to 30,000, default 20,000. */
  readonly timeoutMs?: number | undefined;
  /** Certificates to trust in place of those of Node, in PEM: of a mail server of your own. */
  readonly ca?: string | readonly string[] | undefined;
}

/** The sender. Its domain stands in the id of each mail. */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

export interface NodemailerSettings {
  readonly server: SmtpServer;
  readonly from: Sender;
  readonly timeoutMs: number;
  readonly ca?: string[];
}

const NAMES: readonly (keyof NodemailerOptions)[] = ["from", "timeoutMs", "ca"];
const MAX_NAME = 100;

/** Parses the arguments of `nodemailerMailer`, or throws `invalid_configuration` with the option and the fix. */
export function parseNodemailerOptions(url: unknown, options: NodemailerOptions): NodemailerSettings {
  const kind = optionsProblem(options, NAMES);
  if (kind) throw misconfigured(`nodemailerMailer: ${kind}`);
  const { timeoutMs = 20_000, ca } = options;
  const server = parseSmtpUrl(url);
  const from = parseSender(options.from);
  const problems = [
    typeof server === "string" ? `url: ${server}` : null,
    from ? null : 'from: must be an address such as "auth@acme.example", or "Acme <auth@acme.example>"',
    isWhole(timeoutMs, 1_000, 30_000) ? null : "timeoutMs: must be whole, from 1000 to 30000",
    isPem(ca) ? null : "ca: must be certificates in PEM",
  ].filter((problem) => problem !== null);
  if (typeof server === "string" || !from || problems.length > 0)
    throw misconfigured(`nodemailerMailer: ${problems.join("; ")}`);
  return { server, from, timeoutMs, ...(ca === undefined ? {} : { ca: [ca].flat() }) };
}

function isWhole(value: unknown, low: number, high: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high;
}

function isPem(ca: unknown): boolean {
  if (ca === undefined) return true;
  const texts: readonly unknown[] = [ca].flat();
  return (
    texts.length > 0 &&
    texts.every((text) => typeof text === "string" && text.includes("-----BEGIN CERTIFICATE-----"))
  );
}

/** Null: not a sender. */
function parseSender(from: unknown): Sender | null {
  if (typeof from !== "string" || from.length > MAX_NAME + 320 || !isHeaderLine(from)) return null;
  const [, name = "", address = from] = /^([^<>]*)<([^<>]+)>$/.exec(from) ?? [];
  const canonical = canonicalEmail(address.trim());
  const bare = name.trim().replace(/^"(.*)"$/, "$1");
  return canonical && bare.length <= MAX_NAME ? { name: bare, address: canonical } : null;
}
