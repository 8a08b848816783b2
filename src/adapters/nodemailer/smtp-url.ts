/** Where mail is handed in. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. Otherwise STARTTLS. */
  readonly secure: boolean;
  /** On this machine, where TLS is not required. */
  readonly isLocal: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
}

const LOCAL = ["localhost", "127.0.0.1", "::1"];
const HOST = /^(?:[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.|$))+$/i;
const PORTS: Readonly<Record<string, number>> = { "smtp:": 587, "smtps:": 465 };

/**
 * Parses `smtps://user:password@mail.acme.example`, or says what is wrong with it. What it says never holds the URL: the
 * password is in there.
 */
export function parseSmtpUrl(value: unknown): SmtpServer | string {
  const url = typeof value === "string" ? URL.parse(value) : null;
  const usual = PORTS[url?.protocol ?? ""];
  if (!url || usual === undefined) return "must be smtps://user:password@host or smtp://user:password@host";
  const problem = problemOf(url);
  if (problem !== null) return problem;
  const host = bareHost(url);
  const auth = url.username === "" ? {} : { auth: credentialsOf(url) };
  const isLocal = LOCAL.includes(host.toLowerCase());
  return { host, port: Number(url.port) || usual, secure: url.protocol === "smtps:", isLocal, ...auth };
}

function problemOf(url: URL): string | null {
  // By settings in a query, nodemailer would switch TLS off.
  if (url.search || url.hash || !["", "/"].includes(url.pathname))
    return "must end after host and port: further settings are no part of it";
  if (bareHost(url) === url.hostname && !HOST.test(url.hostname)) return "must name a host, in ASCII";
  if (url.port === "0") return "must not name the port 0";
  return hasCredentialsOrNone(url)
    ? null
    : "must have both a user and a password, or neither; percent-encode what is no letter or digit";
}

/** The host, without the brackets of an IPv6 address. */
function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function hasCredentialsOrNone(url: URL): boolean {
  if ((url.username === "") !== (url.password === "")) return false;
  try {
    credentialsOf(url);
    return true;
  } catch {
    return false;
  }
}

function credentialsOf({ username, password }: URL): { readonly user: string; readonly pass: string } {
  return { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}
