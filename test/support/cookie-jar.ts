/** A cookie as a browser keeps it (RFC 6265, section 5.3). */
interface StoredCookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** Milliseconds since 1970. Null: until the browser closes. */
  readonly endsAt: number | null;
}

/** The cookies of one browser at one host, by the rules of RFC 6265 and its prefixes. The page has TLS. */
export interface CookieJar {
  /** The header for a request to this path, if there is any cookie for it. */
  header(path: string): Readonly<Record<string, string>>;
  /** Keeps the `Set-Cookie` lines of an answer to a request for this path. */
  keep(path: string, lines: readonly string[]): void;
  /** Closes the browser: it forgets every cookie without a lifetime. */
  close(): void;
  /** Name, value and path of each live cookie. */
  all(): readonly StoredCookie[];
}

export function cookieJar(now: () => number): CookieJar {
  let stored: readonly StoredCookie[] = [];
  const live = (): readonly StoredCookie[] =>
    stored.filter(({ endsAt }) => endsAt === null || endsAt > now());
  const keepOne = (requestPath: string, line: string): void => {
    const cookie = parse(line, { requestPath, now: now() });
    const others = stored.filter(({ name, path }) => name !== cookie.name || path !== cookie.path);
    stored = [...others, cookie];
  };
  return {
    header(path) {
      const sent = live().filter((cookie) => matchesPath(path, cookie.path));
      // Longer paths come first (section 5.4).
      const sorted = [...sent].sort((one, other) => other.path.length - one.path.length);
      const cookie = sorted.map(({ name, value }) => `${name}=${value}`).join("; ");
      return cookie === "" ? {} : { cookie };
    },
    keep(path, lines) {
      for (const line of lines) keepOne(path, line);
    },
    close() {
      stored = stored.filter(({ endsAt }) => endsAt !== null);
    },
    all: live,
  };
}

interface Arrival {
  readonly requestPath: string;
  readonly now: number;
}

function parse(line: string, { requestPath, now }: Arrival): StoredCookie {
  const [pair = "", ...rest] = line.split(";").map((part) => part.trim());
  const attributes = new Map(
    rest.map((part) => split(part)).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const [name, value] = split(pair);
  const maxAge = attributes.get("max-age");
  const path = attributes.get("path");
  const cookiePath = path?.startsWith("/") ? path : defaultPath(requestPath);
  requirePrefix(name, {
    isSecure: attributes.has("secure"),
    hasDomain: attributes.has("domain"),
    path: cookiePath,
  });
  return { name, value, path: cookiePath, endsAt: maxAge === undefined ? null : now + Number(maxAge) * 1000 };
}

interface Attributes {
  readonly isSecure: boolean;
  readonly hasDomain: boolean;
  readonly path: string;
}

/** A browser drops such a cookie without a word. Here that is a failure of the test. */
function requirePrefix(name: string, { isSecure, hasDomain, path }: Attributes): void {
  if (/^__(?:Host|Secure)-/.test(name) && !isSecure) throw new TypeError(`${name} needs Secure`);
  if (name.startsWith("__Host-") && (hasDomain || path !== "/")) throw new TypeError(`${name} needs Path=/`);
}

/** Section 5.1.4. */
function matchesPath(requestPath: string, cookiePath: string): boolean {
  if (requestPath === cookiePath) return true;
  return requestPath.startsWith(cookiePath.endsWith("/") ? cookiePath : `${cookiePath}/`);
}

/** Section 5.1.4: the path of the request up to its last slash. */
function defaultPath(requestPath: string): string {
  const end = requestPath.lastIndexOf("/");
  return end <= 0 ? "/" : requestPath.slice(0, end);
}

function split(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
