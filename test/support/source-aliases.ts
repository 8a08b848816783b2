import { fileURLToPath } from "node:url";
import tsconfig from "../../tsconfig.json" with { type: "json" };

export interface Alias {
  readonly name: string;
  readonly find: RegExp;
  readonly replacement: string;
}

/** Each entry of the package, by the name that users import, and its source. The compiler has the same list. */
export const SOURCE_ALIASES: readonly Alias[] = Object.entries(tsconfig.compilerOptions.paths).map(
  ([name, [path]]) => ({
    name,
    find: new RegExp(`^${name}$`),
    replacement: fileURLToPath(new URL(`../../${path}`, import.meta.url)),
  }),
);
