import { domainToASCII, domainToUnicode } from "node:url";

const MAX_LOCAL = 64;
const MAX_ADDRESS = 254;

// RFC 5321 dot-atom, ASCII only. Quoted local parts are refused: they can hide spaces, commas and at signs.
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
// No top-level domain has digits but those in punycode. A last label such as `0x1` is a number of an IPv4 address.
const LAST_LABEL = /^(?:[a-z]{2,63}|xn--[a-z0-9-]+)$/;

/**
 * The one spelling of an address, for lookup, limits and audit: ASCII, lower case, the domain in punycode.
 * Null: not an address. Spellings that differ by more than case (full-width letters, accents in the local
 * part, look-alike at signs) are refused, not folded: a folded look-alike receives another user's mail
 * (Django CVE-2019-19844).
 */
export function canonicalEmail(typed: string): string | null {
  if (typed.length > MAX_ADDRESS) return null;
  const at = typed.lastIndexOf("@");
  const local = asciiLowerCase(typed.slice(0, Math.max(at, 0)));
  if (local.length > MAX_LOCAL || !LOCAL.test(local)) return null;
  const domain = canonicalDomain(typed.slice(at + 1));
  if (!domain) return null;
  const address = `${local}@${domain}`;
  return address.length <= MAX_ADDRESS ? address : null;
}

/**
 * The spelling to send mail to: the domain in punycode, and the local part as it was typed. Only the mail server of the
 * domain knows whether its case counts. Null: not an address.
 */
export function deliveryAddress(typed: string): string | null {
  const canonical = canonicalEmail(typed);
  if (canonical === null) return null;
  return `${typed.slice(0, typed.lastIndexOf("@"))}${canonical.slice(canonical.lastIndexOf("@"))}`;
}

/**
 * The address without its tag: `ada+shop@example.com` is read where `ada@example.com` is read, at most providers. For
 * limits alone: two addresses that differ in the tag may belong to two people.
 */
export function withoutTag(canonical: string): string {
  const at = canonical.lastIndexOf("@");
  const plus = canonical.indexOf("+");
  return plus > 0 && plus < at ? canonical.slice(0, plus) + canonical.slice(at) : canonical;
}

function canonicalDomain(typed: string): string | null {
  const ascii = isPlainAscii(typed) ? asciiLowerCase(typed) : idnaToAscii(typed);
  if (!ascii) return null;
  const labels = ascii.split(".");
  const last = labels.at(-1) ?? "";
  const isName = labels.length >= 2 && labels.every((label) => LABEL.test(label)) && LAST_LABEL.test(last);
  return isName ? ascii : null;
}

function isPlainAscii(domain: string): boolean {
  return isAscii(domain) && !/(?:^|\.)xn--/i.test(domain);
}

// Accepts only names that survive the conversion to ASCII and back: IDNA maps look-alikes to other names.
function idnaToAscii(typed: string): string | null {
  // The Kelvin sign becomes a K by normalisation: such characters are refused.
  if ([...typed].some((character) => character.normalize("NFC") !== character)) return null;
  const lower = typed.normalize("NFC").toLowerCase();
  const ascii = domainToASCII(lower);
  const unicode = domainToUnicode(ascii);
  const survives = unicode !== ascii && domainToASCII(unicode) === ascii;
  return survives && (lower === ascii || lower === unicode) ? ascii : null;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

// toLowerCase() maps the Kelvin sign to k; the address must not.
function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
