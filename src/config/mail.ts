import * as z from "zod/mini";
import type { MailTemplates } from "../api/mail.ts";
import { reading } from "../api/schema.ts";
import { canonicalLocale, localeChain } from "../lib/locale.ts";
import type { Mailer } from "../ports/mailer.ts";
import { DAY, duration, HOUR, isObject, MINUTE, objectWith, whole } from "./fields.ts";

/** `mail` of `createAuth`, with all defaults. */
export interface MailSettings {
  /** An absolute URL without query, fragment and credentials. */
  readonly page: string;
  readonly tokenIn: "fragment" | "query";
  readonly name: string;
  readonly delivery: "in-process" | "manual";
  /** False: mails bring a link and no code. */
  readonly codeDigits: number | false;
  /** Milliseconds. */
  readonly ttl: { readonly [Name in "code" | "signup" | "reset" | "verification"]: number };
  readonly notices: { readonly [Name in "newDevice" | "passwordChanged" | "sessionReuse"]: boolean };
  readonly unknownReset: boolean;
  readonly locale: string;
  readonly templates: MailTemplates;
}

/** `mail` of `createAuth` before it has the name of the application. */
type ParsedMail = Omit<MailSettings, "name"> & { readonly name?: string | undefined };

const MAX_NAME = 64;
const MAX_PAGE = 1_000;
const PAGE =
  "must be the https URL of your page that answers links, without query and fragment; http is for localhost alone";

export const mailer: z.ZodMiniType<Mailer, Mailer> = z.lazy(() => objectWith<Mailer>("send"));

const page = z.lazy(() =>
  reading(
    z.string(PAGE).check(z.maxLength(MAX_PAGE, PAGE)),
    (text, fail): string => pageOf(text) ?? fail(PAGE),
  ),
);

const name = z.lazy(() =>
  z
    .string()
    .check(
      z.minLength(1, "must not be empty"),
      z.maxLength(MAX_NAME, `must have at most ${MAX_NAME} characters`),
      z.regex(
        /^(?!\s)[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*(?<!\s)$/u,
        "must be one line without white space around it",
      ),
    ),
);

const codeDigits = z.lazy(() =>
  z.union([z.literal(false), whole(6, 10)], "must be at least 6 and at most 10, or false"),
);

const locale = z.lazy(() =>
  reading(
    z.string(),
    (tag, fail): string => canonicalLocale(tag) ?? fail('must be a language tag, such as "de" or "pt-BR"'),
  ),
);

const templates = z.lazy(() => z.custom<MailTemplates>(isObject, "must be an object: templates by language"));

const notices = z.lazy(() =>
  z.strictObject({
    newDevice: z._default(z.boolean(), true),
    passwordChanged: z._default(z.boolean(), true),
    sessionReuse: z._default(z.boolean(), true),
  }),
);

const ttl = z.lazy(() =>
  z.strictObject({
    // A code that a passer-by reads on the screen is short enough to remember: it is good for minutes, not for hours.
    code: z.prefault(between(MINUTE, HOUR, "1m and 1h"), "10m"),
    signup: z.prefault(between(5 * MINUTE, 7 * DAY, "5m and 7d"), "24h"),
    reset: z.prefault(between(5 * MINUTE, DAY, "5m and 24h"), "1h"),
    verification: z.prefault(between(5 * MINUTE, 7 * DAY, "5m and 7d"), "24h"),
  }),
);

export const mail: z.ZodMiniType<ParsedMail, unknown> = z.lazy(() =>
  reading(
    z.strictObject({
      page,
      tokenIn: z._default(z.enum(["fragment", "query"], 'must be "fragment" or "query"'), "fragment"),
      name: z.optional(name),
      delivery: z._default(
        z.enum(["in-process", "manual"], 'must be "in-process" or "manual"'),
        "in-process",
      ),
      codeDigits: z._default(codeDigits, 6),
      ttl: z.prefault(ttl, {}),
      notices: z.prefault(notices, {}),
      unknownReset: z._default(z.boolean(), false),
      locale: z._default(locale, "en"),
      templates: z._default(templates, {}),
    }),
    (parsed): ParsedMail => parsed,
  ),
);

function between(low: number, high: number, bounds: string): z.ZodMiniType<number, string | number> {
  return duration.check(z.refine((ms) => ms >= low && ms <= high, `must be between ${bounds}`));
}

// Links are sent to strangers: their origin comes from here alone, and no user name in them may hide the host.
function pageOf(text: string): string | null {
  const url = /[\s\\]/.test(text) ? null : URL.parse(text);
  if (!url || url.username || url.password || /[?#]/.test(text)) return null;
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && isLocal(url.hostname));
  return isSafe ? url.href : null;
}

function isLocal(host: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(host) || host.endsWith(".localhost");
}

/** What `createAuth` was given, as far as mail is concerned. */
export interface MailGiven {
  readonly issuer: string;
  readonly mailer?: Mailer | undefined;
  readonly mail?: ParsedMail | undefined;
}

/** The settings of an application with a mailer. Null: it has no mailer. */
export function mailSettings({ issuer, mailer: sender, mail: parsed }: MailGiven): MailSettings | null {
  return sender && parsed ? { ...parsed, name: parsed.name ?? issuer } : null;
}

/** Options of mail that are without effect, or not enough, together. */
export function mailContradictions({ issuer, mailer: sender, mail: parsed }: MailGiven): readonly string[] {
  if (!sender) return [];
  if (!parsed) return [`mail.page: is missing, and a mailer needs it: ${PAGE}`];
  const isLong = parsed.name === undefined && issuer.length > MAX_NAME;
  const tags = ["en", ...Object.keys(parsed.templates)].map((tag) => canonicalLocale(tag));
  const isWritten = localeChain(parsed.locale).some((tag) => tags.includes(tag));
  return [
    ...(isLong ? [`mail.name: is missing, and the issuer has more than ${MAX_NAME} characters`] : []),
    ...(isWritten ? [] : ["mail.locale: mail.templates has no mail in this language"]),
  ];
}
