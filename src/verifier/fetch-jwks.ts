import { AuthError } from "../errors.ts";
import { importKeySet, type KeySet } from "./key-set.ts";
import type { JwksFetch } from "./options.ts";
import { readJwks } from "./read-jwks.ts";

/** Room for about 300 keys. */
const MAX_BYTES = 64 * 1024;

export interface JwksAddress {
  readonly url: string;
  /** In milliseconds. */
  readonly timeout: number;
  readonly fetch?: JwksFetch | undefined;
}

/** Fetches the keys of an address. Rejects with the reason when there is anything else. */
export async function fetchJwks({ url, timeout, fetch = globalThis.fetch }: JwksAddress): Promise<KeySet> {
  // Called by its bare name: browsers and workers refuse a `fetch` with another `this`.
  const response = await fetch(url, {
    headers: { accept: "application/json, application/jwk-set+json" },
    redirect: "manual", // the asked server must answer itself; workers do not support "error"
    signal: AbortSignal.timeout(timeout),
  });
  if (response.status !== 200 || response.redirected) {
    response.body?.cancel().catch(() => undefined);
    throw refusal(response.redirected ? "was redirected" : `answered with status ${response.status}`);
  }
  const keys = readJwks(parseJson(await readText(response.body)));
  if (typeof keys === "string") throw refusal(`gives untrustworthy keys: ${keys}`);
  return importKeySet(keys);
}

/** Reads a body as UTF-8, and stops as soon as it is too large. */
async function readText(body: ReadableStream<Uint8Array> | null): Promise<string> {
  if (!body) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > MAX_BYTES) {
      reader.cancel().catch(() => undefined);
      throw refusal(`answered with more than ${MAX_BYTES} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal("answered with something that is not JSON"); // the parser's own message would quote it
  }
}

function refusal(what: string): AuthError {
  return new AuthError("unavailable", { message: `The address of the keys (jwksUrl) ${what}.` });
}
