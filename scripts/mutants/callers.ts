import type { Edit } from "./mutant.ts";

const CALLERS = "test/http/caller.test.ts";
const GUARDS = "test/http/guard-suite.test.ts";
const COOKIES = "test/http/token-cookies.test.ts";
const CROSS_SITE = "test/http/cross-site.test.ts";
const REQUIREMENTS = "src/http/caller/requirements.ts";

/** Of the user in the application's own routes. They belong to no single guarantee. */
export const OWN_ROUTES: readonly Edit[] = [
  {
    edit: "a read is handed on without end",
    file: "src/http/caller/caller.ts",
    from: "      if (!(age >= 0 && age < HANDED_ON_MS)) current = null;\n",
    to: "",
    stoppedBy: CALLERS,
  },
  {
    edit: "a route changes what the next call answers",
    file: "src/http/caller/caller.ts",
    from: "current && { user: { ...current.user }, session: { ...current.session } }",
    to: "current",
    stoppedBy: CALLERS,
  },
  {
    edit: "the caller shows its token",
    file: "src/http/caller/caller.ts",
    from: "    accessToken: () => token,\n",
    to: "    accessToken: () => token,\n    ...{ token },\n",
    stoppedBy: CALLERS,
  },
  {
    edit: "a caller's refusal asks for a header that is refused",
    file: "src/http/caller/caller.ts",
    from: "      throw refusal(error);",
    to: "      throw error;",
    stoppedBy: CALLERS,
  },
  {
    edit: "an unknown address is no client",
    file: "src/http/caller/authenticate.ts",
    from: "      if (ip === undefined) throw new TypeError(UNKNOWN_ADDRESS);\n      return clientInfo({ ip, headers,",
    to: "      return clientInfo({ ip: ip ?? null, headers,",
    stoppedBy: CALLERS,
  },
  {
    edit: "identify hides an outage",
    file: "src/http/caller/authenticate.ts",
    from: "if (isTokenError(error)) return null;",
    to: "return null;",
    stoppedBy: GUARDS,
  },
  {
    edit: "an unknown requirement is ignored",
    file: REQUIREMENTS,
    from: "NAMES.includes(name) && fields[name]?.value !== undefined",
    to: "fields[name]?.value !== undefined",
    stoppedBy: GUARDS,
  },
  {
    edit: "inherited requirements are ignored",
    file: REQUIREMENTS,
    from: " || inheritsAny(asked)) return null;",
    to: ") return null;",
    stoppedBy: GUARDS,
  },
  {
    edit: "a promise of the predicate counts as true",
    file: REQUIREMENTS,
    from: 'if (typeof verdict === "boolean") return verdict;',
    to: "if (verdict) return true;",
    stoppedBy: GUARDS,
  },
  {
    edit: "requirements with a mistake are no requirements",
    file: "src/http/caller/authenticate.ts",
    from: "  assertMet(auth, principal, asked);",
    to: "  if (asked?.length) assertMet(auth, principal, asked);",
    stoppedBy: GUARDS,
  },
  {
    edit: "requirements that are undefined ask for nothing",
    file: REQUIREMENTS,
    from: "const read = args.map(readOne);",
    to: "const read = args.filter((one) => one !== undefined).map(readOne);",
    stoppedBy: GUARDS,
  },
  {
    edit: "an optional sign-in ignores requirements",
    file: "src/http/caller/authenticate.ts",
    from: "      if (more.length > 0) throw new TypeError(ASKED_IN_VAIN);\n",
    to: "",
    stoppedBy: CALLERS,
  },
  {
    edit: "a head without a socket is one on a Unix socket",
    file: "src/http/client-address/trusted-proxies.ts",
    from: "address === UNIX_PEER ? unix : isAlone",
    to: "unix",
    stoppedBy: CALLERS,
  },
  {
    edit: "a late answer ends the cookies of the next sign-in",
    file: "src/http/transport/cookie-transport.ts",
    from: "!isAuthError(error) || sparesCookies(error)",
    to: "!isAuthError(error)",
    stoppedBy: "test/http/cookies.test.ts",
  },
  {
    edit: "checkOrigin asks nothing",
    file: "src/http/transport/cookie-transport.ts",
    from: 'checkOrigin ? [request, { ...request, method: "POST" }] : [request]',
    to: "[request]",
    stoppedBy: GUARDS,
  },
  {
    edit: "a request without a method is another site's",
    file: "src/http/transport/cookie-transport.ts",
    from: "      requireMethod(request);\n",
    to: "",
    stoppedBy: CROSS_SITE,
  },
  {
    edit: "anything gives cookies",
    file: "src/http/transport/cookie-transport.ts",
    from: "      if (result !== null) assertIssued(result);\n",
    to: "",
    stoppedBy: COOKIES,
  },
];
