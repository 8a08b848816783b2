import type { MailTemplate, MailTemplates } from "../../api/mail.ts";
import { MAIL_KINDS, type MailKind } from "../../domain/vocabulary.ts";
import { misconfigured } from "../../errors.ts";
import { canonicalLocale, localeChain } from "../../lib/locale.ts";
import { isPlainObject } from "../../lib/plain-object.ts";
import { ENGLISH } from "./english/index.ts";

export interface FoundTemplate {
  /** The language that the template writes. */
  readonly locale: string;
  readonly template: MailTemplate;
}

/** Finds the template of a kind for a reader of a language. There is always one. */
export type FindTemplate = (kind: MailKind, wanted: string | null) => FoundTemplate;

/**
 * Lays the application's templates over the library's. A reader of `de-AT` gets those of `de-AT`, `de`, the fallback and
 * `en`, in this order, for each kind. The library's own are in English, and the application's `en` go before them.
 */
export function templateFinder(templates: MailTemplates, fallback: string): FindTemplate {
  const own = parseTemplates(templates);
  const templateIn = (locale: string, kind: MailKind): MailTemplate | undefined =>
    own.get(locale)?.get(kind) ?? (locale === "en" ? ENGLISH[kind] : undefined);
  return (kind, wanted) => {
    for (const locale of [...localeChain(wanted ?? ""), ...localeChain(fallback)]) {
      const template = templateIn(locale, kind);
      if (template) return { locale, template };
    }
    return { locale: "en", template: templateIn("en", kind) ?? ENGLISH[kind] };
  };
}

type ByKind = ReadonlyMap<MailKind, MailTemplate>;

function parseTemplates(templates: MailTemplates): ReadonlyMap<string, ByKind> {
  if (!isPlainObject(templates)) throw refused("", "must be an object: templates by language");
  const own = new Map<string, ByKind>();
  for (const [tag, byKind] of Object.entries(templates)) {
    const locale = canonicalLocale(tag);
    if (locale === null) throw refused(`.${tag}`, 'is no language tag, such as "de" or "pt-BR"');
    if (own.has(locale)) throw refused(`.${tag}`, "this language is there twice");
    own.set(locale, parseKinds(tag, byKind));
  }
  return own;
}

function parseKinds(tag: string, byKind: MailTemplates[string]): ByKind {
  if (!isPlainObject(byKind)) throw refused(`.${tag}`, "must be an object: templates by kind of mail");
  return new Map(
    Object.entries(byKind).map(([name, template]): [MailKind, MailTemplate] => {
      const kind = MAIL_KINDS.find((known) => known === name);
      if (!kind) throw refused(`.${tag}.${name}`, "no such kind of mail");
      if (typeof template !== "function") throw refused(`.${tag}.${name}`, "must be a function");
      return [kind, template];
    }),
  );
}

function refused(path: string, problem: string): Error {
  return misconfigured(`createAuth: mail.templates${path}: ${problem}`);
}
