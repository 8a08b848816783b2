import { misconfigured } from "../../errors.ts";
import { optionsProblem } from "../../lib/plain-object.ts";
import { headerOf, type ServedRequest } from "../server/request-id.ts";
import { hopsFromRight } from "./forwarded-hops.ts";
import { hopAddress } from "./hop-address.ts";

/** A `clientAddress` that reads one header. Without a single address in it, the address is `undefined`. */
export type AddressPreset = (request: Pick<ServedRequest, "headers">) => string | undefined;

/**
 * The address that Vercel writes, `x-vercel-forwarded-for`. It is right only if every request comes through Vercel, and
 * no other proxy stands before it.
 */
export const fromVercel: AddressPreset = byHeader("x-vercel-forwarded-for");

/**
 * The address that the proxy of Fly.io writes, `fly-client-ip`. It is right only if every request comes through that
 * proxy, and no other one stands before it. Other applications of your organisation can reach yours without it.
 */
export const fromFly: AddressPreset = byHeader("fly-client-ip");

/**
 * The address that Cloudflare writes, `cf-connecting-ip`. It is right only if every request comes through Cloudflare: a
 * client that reaches your server without it writes any address.
 */
export const fromCloudflare: AddressPreset = byHeader("cf-connecting-ip");

export interface ForwardedOptions {
  /** How many proxies every request passes, 1 to 10. Each of them appends the address of its own peer. */
  readonly hops: number;
}

const MAX_HOPS = 10;

/**
 * The address in `x-forwarded-for` that the outermost of your proxies wrote: with `hops: 1` the last one. It is right
 * only if every request passes exactly that many proxies. A header with fewer addresses tells none. Throws
 * `invalid_configuration` for an impossible number.
 */
export function forwarded(options: ForwardedOptions): AddressPreset {
  const hops = parseHops(options);
  return (request) => {
    let passed = 0;
    for (const hop of hopsFromRight({ [FORWARDED]: headerOf(request, FORWARDED) }, FORWARDED)) {
      passed++;
      // What no proxy of yours writes was written by another one: the count is wrong.
      if (hop === null || passed === hops) return hop ?? undefined;
    }
    return undefined;
  };
}

const FORWARDED = "x-forwarded-for";

function byHeader(name: string): AddressPreset {
  return (request) => hopAddress(headerOf(request, name) ?? "") ?? undefined;
}

function parseHops(options: ForwardedOptions): number {
  const problem = optionsProblem(options, ["hops"]);
  if (problem) throw misconfigured(`forwarded: ${problem}`);
  const { hops } = options;
  if (Number.isInteger(hops) && hops >= 1 && hops <= MAX_HOPS) return hops;
  throw misconfigured(`forwarded: hops must be a whole number of proxies, from 1 to ${MAX_HOPS}`);
}
