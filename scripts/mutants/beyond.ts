import type { Edit } from "./mutant.ts";

const SIGNER = "test/adapters/jwt-signer.test.ts";
const HMAC = "test/adapters/hmac.test.ts";
const SHAPES = "test/security/hostile-tokens/shapes.test.ts";
const KINDS = "test/security/token-kinds/kinds.test.ts";
const REFRESH_TOKENS = "test/security/token-kinds/refresh-tokens.test.ts";
const REAUTHENTICATE = "test/flows/reauthenticate.test.ts";
const GATES = "test/flows/login-gates.test.ts";
const SECOND_FACTOR = "test/features/second-factor.test.ts";
const COOKIES = "test/http/cookies.test.ts";
const REMEMBER = "test/http/remember.test.ts";
const PUBLIC_PATH = "test/http/public-path.test.ts";
const CROSS_SITE = "test/http/cross-site.test.ts";
const REMOTE = "test/verifier/remote-keys.test.ts";
const TOKENS = "test/verifier/tokens.test.ts";
const EMAIL = "test/domain/email.test.ts";
const SOCKETS = "test/http/sockets.test.ts";
const SPRAY = "test/domain/spray.test.ts";

export const BEYOND: readonly Edit[] = [
  {
    edit: "ES256 takes both spellings of a signature",
    file: "src/tokens/key-pair-jws.ts",
    from: '    if (alg === "ES256" && !isLowS(decode(token.slice(token.lastIndexOf(".") + 1)))) return null;\n',
    to: "",
    stoppedBy: TOKENS,
  },
  {
    edit: "HS256 takes any signature of the right length",
    file: "src/adapters/jwt/hmac.ts",
    from: "sent.length === right.length && timingSafeEqual(sent, right)",
    to: "sent.length === right.length",
    stoppedBy: HMAC,
  },
  {
    edit: "HS256 takes a signature that was cut",
    file: "src/adapters/jwt/hmac.ts",
    from: "sent.length === right.length && timingSafeEqual(sent, right)",
    to: "timingSafeEqual(sent, right.subarray(0, sent.length))",
    stoppedBy: HMAC,
  },
  {
    edit: "a payload that is no UTF-8 is read",
    file: "src/tokens/access-token-jws.ts",
    from: '"utf-8", { fatal: true, ignoreBOM: true }',
    to: '"utf-8", { ignoreBOM: true }',
    stoppedBy: HMAC,
  },
  {
    edit: "a repeated claim is read",
    file: "src/tokens/access-claims.ts",
    from: " || JSON.stringify(parsed) !== payload) return null;",
    to: ") return null;",
    stoppedBy: SHAPES,
  },
  {
    edit: "an unknown claim is read",
    file: "src/tokens/access-claims.ts",
    from: "  if (!Object.keys(parsed).every((name) => KNOWN.includes(name))) return null;\n",
    to: "",
    stoppedBy: SHAPES,
  },
  {
    edit: "another audience's token",
    file: "src/tokens/access-claims.ts",
    from: "iss === issuer && aud === audience && areClaims",
    to: "iss === issuer && areClaims",
    stoppedBy: SIGNER,
  },
  {
    edit: "a token from any future",
    file: "src/tokens/access-claims.ts",
    from: '  if (iat > seconds + FUTURE_TOLERANCE_SECONDS) return "not_yet";\n',
    to: "",
    stoppedBy: SIGNER,
  },
  {
    edit: "a token in another spelling",
    file: "src/tokens/token-format.ts",
    from: "part.length > 0 && isCanonicalBase64url(part)",
    to: "part.length > 0",
    stoppedBy: SIGNER,
  },
  {
    edit: "one key for every purpose",
    file: "src/lib/secrets.ts",
    from: "`sallyport:v1:${purpose}`",
    to: '"sallyport:v1"',
    stoppedBy: KINDS,
  },
  {
    edit: "a one-time token for any purpose, in SQL",
    file: "src/adapters/kysely/tokens.ts",
    from: '        .select(COLUMNS)\n        .where("hash", "=", hash)\n        .where("purpose", "=", purpose)',
    to: '        .select(COLUMNS)\n        .where("hash", "=", hash)',
    stoppedBy: KINDS,
  },
  {
    edit: "a sealed token in another spelling",
    file: "src/lib/sealed-token.ts",
    from: " || !isCanonicalBase64url(token)) return null;",
    to: ") return null;",
    stoppedBy: REFRESH_TOKENS,
  },
  {
    edit: "an invalid date is fresh",
    file: "src/flows/account/require-fresh.ts",
    from: "if (!(age <= longest))",
    to: "if (age > longest)",
    stoppedBy: REAUTHENTICATE,
  },
  {
    edit: "fresh for one moment less",
    file: "src/flows/account/require-fresh.ts",
    from: "if (!(age <= longest))",
    to: "if (!(age < longest))",
    stoppedBy: REAUTHENTICATE,
  },
  {
    edit: "a reauthentication ignores that the session ended",
    file: "src/kit/renew-proof.ts",
    from: "if (!(await tx.sessions.reauthenticate(id, { userId: user.id, expectedCounter, amr, at }))) return null;",
    to: "await tx.sessions.reauthenticate(id, { userId: user.id, expectedCounter, amr, at });",
    stoppedBy: REAUTHENTICATE,
  },
  {
    edit: "a sign-in asks no gate",
    file: "src/kit/sign-in.ts",
    from: "if (asked) return park(",
    to: "if (asked && entry.create) return park(",
    stoppedBy: GATES,
  },
  {
    edit: "a parked sign-in is a login",
    file: "src/kit/sign-in.ts",
    from: 'return { outcome: "challenged", reason: gate.kind, ...named };',
    to: "return named;",
    stoppedBy: GATES,
  },
  {
    edit: "a challenge survives a security change",
    file: "src/kit/challenge.ts",
    from: 'return user.epoch === challenge.epoch ? null : "superseded";',
    to: "return null;",
    stoppedBy: SECOND_FACTOR,
  },
  {
    edit: "any method answers a challenge",
    file: "src/kit/challenge.ts",
    from: "if (!parked?.methods.includes(method) || !isOurs",
    to: "if (!parked || !isOurs",
    stoppedBy: SECOND_FACTOR,
  },
  {
    edit: "two cookies of one name: the first counts",
    file: "src/http/transport/cookies.ts",
    from: "  if (tokens.length > 1) throw notOurs();\n",
    to: "",
    stoppedBy: COOKIES,
  },
  {
    edit: "a refresh makes the cookies of a shared computer last",
    file: "src/http/transport/cookie-transport.ts",
    from: ": cookies.isBrief(request.headers);",
    to: ": false;",
    stoppedBy: REMEMBER,
  },
  {
    edit: "a second step makes them last",
    file: "src/http/transport/brief.ts",
    from: "return remember === false || isMarked(challengeToken);",
    to: "return remember === false;",
    stoppedBy: REMEMBER,
  },
  {
    edit: "cookies have the path that only the server knows",
    file: "src/http/server/fetch-handler.ts",
    from: "parseTransport(options, { ...paths, hasPages",
    to: "parseTransport(options, { publicPath: paths.basePath, hasPages",
    stoppedBy: PUBLIC_PATH,
  },
  {
    edit: "scripts can read the cookies",
    file: "src/http/transport/token-cookie.ts",
    from: '    "HttpOnly",\n',
    to: "",
    stoppedBy: COOKIES,
  },
  {
    edit: "any origin is served",
    file: "src/http/transport/cross-site.ts",
    from: "origin !== undefined && origins.includes(origin)",
    to: "origin !== undefined",
    stoppedBy: CROSS_SITE,
  },
  {
    edit: "a flood of other sites' requests fills the log",
    file: "src/kit/limits/record-bounded.ts",
    from: "if (await isWithinLimits(ctx, budget, counted))",
    to: "await isWithinLimits(ctx, budget, counted);",
    stoppedBy: CROSS_SITE,
  },
  {
    edit: "each unknown key causes a fetch",
    file: "src/verifier/remote-keys.ts",
    from: "    if (last && isWithin(at - last.at, pauseAfter(last, options))) return last;\n",
    to: "",
    stoppedBy: REMOTE,
  },
  {
    edit: "look-alike domains are folded",
    file: "src/domain/email.ts",
    from: "return survives && (lower === ascii || lower === unicode) ? ascii : null;",
    to: "return ascii || null;",
    stoppedBy: EMAIL,
  },
  {
    edit: "any page opens a socket",
    file: "src/http/transport/cross-site.ts",
    from: "  if (opensSocket(head)) return isAllowed;\n",
    to: "",
    stoppedBy: SOCKETS,
  },
  {
    edit: "a password that guessing finds early",
    file: "src/kit/check-new-password.ts",
    from: "return isEasilyGuessed(password, words, context) ? COMMON : null;",
    to: "return null;",
    stoppedBy: SPRAY,
  },
];
