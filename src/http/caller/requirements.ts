import type { Auth, NoClaims, Principal } from "../../api/auth.ts";
import { type Duration, parseDuration } from "../../domain/duration.ts";
import { AuthError } from "../../errors.ts";
import { isPlainObject } from "../../lib/plain-object.ts";

/**
 * What a route asks of its caller, besides a session that lives. It is data, so every adapter passes on the same. An
 * unknown name refuses every caller with `forbidden`. So does a requirement that is present but `undefined`, a getter,
 * an inherited one, and anything but a plain object, `undefined` included: a mistake must not switch a check off.
 */
export interface Requirements<Claims extends object = NoClaims> {
  /** `forbidden` for every other user. Present but `undefined`, it refuses every user. */
  readonly userId?: string | undefined;
  /**
   * `forbidden` unless it answers `true`: for roles and tenants, by the claims of the token. Claims are as old as the
   * token. It must answer at once: a promise, or anything else that is no boolean, is a `TypeError`.
   */
  readonly allow?: (principal: Principal<Claims>) => boolean;
  /**
   * `reauthentication_required` unless the user proved their identity within this time. `true`: within 5 minutes.
   * Anything that is no duration is a `TypeError`.
   */
  readonly fresh?: Duration | true;
  /**
   * In cookie mode, checks the origin of a `GET`, too, as that of a request that may change something. For what a `GET`
   * opens: event streams, and sockets that begin with polling. In bearer mode it changes nothing.
   */
  readonly checkOrigin?: true;
}

type Name = keyof Requirements;

/** The requirements as they were when the request came. Null: one has a mistake, and they refuse every caller. */
export type Asked = readonly Read[] | null;

type Read = ReadonlyMap<string, unknown>;

const NAMES: readonly string[] = Object.keys({
  userId: true,
  allow: true,
  fresh: true,
  checkOrigin: true,
} satisfies Record<Name, true>);

/**
 * Reads what came after the request. No argument asks for nothing. One that is `undefined`, such as a misspelt name in a
 * table of rules, is a mistake.
 */
export function readRequirements(args: readonly unknown[]): Asked {
  const read = args.map(readOne);
  return read.every((asked) => asked !== null) ? read : null;
}

/** Reads each requirement once: what changes later, or answers differently each time, must not pass a check. */
function readOne(asked: unknown): Read | null {
  if (!isPlainObject(asked) || inheritsAny(asked)) return null;
  const fields = Object.getOwnPropertyDescriptors(asked);
  const names = Reflect.ownKeys(fields).map(String);
  // A getter has no `value`.
  const areMeant = names.every((name) => NAMES.includes(name) && fields[name]?.value !== undefined);
  return areMeant ? new Map(names.map((name) => [name, fields[name]?.value])) : null;
}

function inheritsAny(asked: object): boolean {
  const names = [...NAMES];
  for (const name in asked) names.push(name);
  return names.some((name) => name in asked && !Object.hasOwn(asked, name));
}

/** Whether a route asks reading requests for their origin, too. */
export function asksForOrigin(asked: Asked): boolean {
  return asked?.some((one) => one.has("checkOrigin")) === true;
}

/** Throws unless the caller meets each requirement. */
export function assertMet<Claims extends object>(
  auth: Auth<Claims>,
  principal: Principal<Claims>,
  asked: Asked,
): void {
  if (asked === null) throw new AuthError("forbidden", { cause: wrongKind(MISTAKE) });
  for (const one of asked) assertOneMet(auth, principal, one);
}

function assertOneMet<Claims extends object>(
  auth: Auth<Claims>,
  principal: Principal<Claims>,
  asked: Read,
): void {
  if (asked.has("userId") && asked.get("userId") !== principal.userId) throw new AuthError("forbidden");
  if (asked.has("allow") && !isAllowed(asked.get("allow"), principal)) throw new AuthError("forbidden");
  if (asked.has("fresh")) auth.requireFresh(principal, freshness(asked.get("fresh")));
  if (asked.has("checkOrigin") && asked.get("checkOrigin") !== true)
    throw wrongKind("checkOrigin must be true");
}

function isAllowed(allow: unknown, principal: Principal<object>): boolean {
  if (typeof allow !== "function") throw wrongKind("allow must be a function");
  const verdict: unknown = allow(principal);
  if (typeof verdict === "boolean") return verdict;
  // A promise that rejects later, with no handler, would end the process.
  Promise.resolve(verdict).catch(() => undefined);
  throw wrongKind("allow must answer true or false at once, not a promise");
}

function freshness(fresh: unknown): Duration | undefined {
  if (fresh === true) return undefined;
  if (parseDuration(fresh as Duration) !== null) return fresh as Duration;
  throw wrongKind('fresh must be a duration such as "5m", or true');
}

/** For the operator. It holds no name of the requirements: they may be input. */
const MISTAKE = `requirements are a plain object of ${NAMES.join(", ")}, and each has a value`;

function wrongKind(problem: string): TypeError {
  return new TypeError(`authenticate: ${problem}`);
}
