import type { MailPurpose } from "./mail-types.ts";

/** What a mail brings to the page of the application. Alone it does nothing: a mail scanner opens links, too. */
export interface MailLink {
  readonly purpose: MailPurpose;
  /** For the calls that take a `link`. */
  readonly link: string;
}

const NAME = "sallyport";
/** The token of a mail, alone or in the address of a page. */
const TOKEN = /(?:^|[#?&]sallyport=)([a-z_]{1,32})\.([\w-]{40,256})(?=$|[&#])/;

/**
 * Takes the token of a mail out of the address of this page, so that no history, copy or screenshot has it. Null: there is
 * no token, or no page. Call it before anything else on the page that the option `mail.page` of the server names.
 *
 * @example
 * ```ts
 * import { readMailLink } from "sallyport/client-mail";
 *
 * const found = readMailLink();
 * if (found?.purpose === "password_reset") console.log("Ask for a new password now.");
 * ```
 */
export function readMailLink(): MailLink | null {
  const { location, history } = globalThis;
  if (!location) return null;
  const { href } = location;
  const clean = withoutToken(href);
  if (clean !== href) history.replaceState(history.state, "", clean);
  return href === clean ? null : parseMailLink(href);
}

/** Reads the token of a mail from a text that a user has pasted, or from a whole link. Null: it is neither. */
export function parseMailLink(text: string): MailLink | null {
  const [, purpose, link] = TOKEN.exec(text.trim()) ?? [];
  return purpose && link ? { purpose, link } : null;
}

/** A malformed token goes, too. */
function withoutToken(href: string): string {
  const url = new URL(href);
  if (url.searchParams.has(NAME)) url.searchParams.delete(NAME);
  const isInFragment = new URLSearchParams(url.hash.slice(1)).has(NAME);
  if (isInFragment) url.hash = "";
  return url.href;
}
