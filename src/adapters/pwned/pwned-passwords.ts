import { createHash } from "node:crypto";
import { within } from "../../lib/within.ts";
import { type PwnedPasswordsOptions, type PwnedSettings, parsePwnedOptions } from "./options.ts";

export type { PwnedPasswordsOptions } from "./options.ts";

/** An answer has about 40 KB. */
const MAX_BYTES = 512 * 1024;
const PREFIX_LENGTH = 5;

/**
 * Asks Have I Been Pwned whether a password was in a data breach, for `password.isBreached` of `createAuth`.
 *
 * The service gets five characters of the password's SHA-1, which thousands of passwords share, and never the password
 * (k-anonymity). The answer is padded, so its size does not show the question. If the service fails or is late, the
 * call throws: `createAuth` tells `onError`, and the password counts as not breached.
 *
 * Throws `invalid_configuration` for an unknown or impossible option.
 *
 * @example
 * ```ts
 * import { createAuth, memoryStore } from "sallyport";
 * import { pwnedPasswords } from "sallyport/pwned-passwords";
 *
 * const auth = createAuth({
 *   secret: process.env["AUTH_SECRET"],
 *   store: memoryStore(),
 *   password: { isBreached: pwnedPasswords() },
 * });
 * ```
 */
export function pwnedPasswords(options: PwnedPasswordsOptions = {}): (password: string) => Promise<boolean> {
  const settings = parsePwnedOptions(options);
  return async (password) => {
    const digest = createHash("sha1").update(password).digest("hex").toUpperCase();
    const range = await within(settings.timeoutMs, fetchRange(settings, digest.slice(0, PREFIX_LENGTH)));
    return countOf(range, digest.slice(PREFIX_LENGTH)) >= settings.threshold;
  };
}

async function fetchRange(
  { url, timeoutMs, fetch = globalThis.fetch }: PwnedSettings,
  prefix: string,
): Promise<string> {
  const response = await fetch(url + prefix, {
    headers: { "add-padding": "true", "user-agent": "sallyport", accept: "text/plain" },
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status === 200) return readBounded(response);
  response.body?.cancel().catch(() => undefined);
  throw new TypeError(`The service of breached passwords answered with status ${response.status}`);
}

async function readBounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new TypeError("The service of breached passwords answered with too much");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("latin1");
}

/** How often a digest leaked: its lines are `SUFFIX:COUNT`. Padding has the count 0. */
function countOf(range: string, suffix: string): number {
  const lines = range.split(/\r?\n/).filter((line) => line !== "");
  // A page of a proxy must not read as "no".
  if (lines.length === 0 || !lines.every((line) => /^[\dA-F]{35}:\d+$/i.test(line)))
    throw new TypeError("The service of breached passwords answered with something else than a range");
  const found = lines.find((line) => line.slice(0, suffix.length).toUpperCase() === suffix);
  return Number(found?.slice(suffix.length + 1) ?? 0);
}
