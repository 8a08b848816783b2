import { type AuthError, misconfigured } from "../../errors.ts";

/** Pages of extensions: an id of 32 letters, or the UUID of an installation. `URL` knows no origin of theirs. */
const EXTENSION =
  /^(?:chrome-extension:\/\/[a-p]{32}|moz-extension:\/\/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})$/;

/** Reads the option `origins`. Each is compared as text, so it must be as browsers write it. */
export function parseOrigins(origins: unknown, insecureLocalhost: boolean): readonly string[] {
  if (!Array.isArray(origins) || origins.length === 0)
    throw unsafe('transport: "cookie" needs origins, such as ["https://app.example"]');
  const ofPages = origins.filter((origin) => !(typeof origin === "string" && EXTENSION.test(origin)));
  for (const origin of ofPages) requireSafe(parseOrigin(origin), insecureLocalhost);
  // An extension says nothing of the server: a page of it must show that it is on localhost.
  if (insecureLocalhost && ofPages.length === 0) throw unsafe(ON_LOCALHOST);
  return Object.freeze([...origins]);
}

const ON_LOCALHOST = "insecureLocalhost is for development: the origins of its pages must be on localhost";

function requireSafe({ hostname, protocol }: URL, insecureLocalhost: boolean): void {
  if (insecureLocalhost && !isLocalhost(hostname)) throw unsafe(ON_LOCALHOST);
  if (!insecureLocalhost && protocol !== "https:")
    throw unsafe("origins must be https; for development on localhost set insecureLocalhost");
}

function parseOrigin(origin: unknown): URL {
  const url = typeof origin === "string" ? URL.parse(origin) : null;
  const isPlain = url?.origin === origin && !url?.hostname.includes("*");
  if (url && isPlain && /^https?:$/.test(url.protocol)) return url;
  throw unsafe(`origins: ${problemOf(url)}`);
}

function problemOf(url: URL | null): string {
  if (url && /^(?:chrome|moz)-extension:$/.test(url.protocol)) return EXACT_ID;
  return url && isOfAnApplication(url) ? OF_AN_APPLICATION : NOT_PLAIN;
}

const NOT_PLAIN =
  'each must be scheme, host and port alone, such as "https://app.example", without a wildcard';

const EXACT_ID =
  "an extension needs its exact id: chrome-extension:// and 32 letters, or moz-extension:// and a UUID";

const OF_AN_APPLICATION =
  "the pages of an application, such as capacitor://, tauri:// and app://, are another site, to which browsers " +
  "send no cookie: give such an application a handler in bearer mode";

/** A scheme such as `capacitor:`, `tauri:` or `app:`, by which an application opens its own pages. */
function isOfAnApplication({ protocol, origin, href }: URL): boolean {
  return origin === "null" && protocol !== "file:" && href.startsWith(`${protocol}//`);
}

function isLocalhost(hostname: string): boolean {
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function unsafe(message: string): AuthError {
  return misconfigured(`createHandler: ${message}`);
}
