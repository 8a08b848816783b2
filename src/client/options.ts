import type { AuthClientOptions } from "./types.ts";

const NAMES: readonly string[] = "basePath transport storage fetch locks now onChange features".split(" ");

/** Throws a TypeError that names an option if it is misspelt, and one if `transport` is neither mode. */
export function checkOptions(options: AuthClientOptions<unknown>): void {
  for (const name in options) if (!NAMES.includes(name)) throw mistake(`unknown option ${name}`);
  const { transport = "bearer" } = options;
  if (transport !== "bearer" && transport !== "cookie") throw mistake(`unknown transport ${transport}`);
}

export function mistake(why: string, options?: ErrorOptions): TypeError {
  return new TypeError(`createAuthClient: ${why}`, options);
}
