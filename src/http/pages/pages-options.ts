import { type AuthError, misconfigured } from "../../errors.ts";
import { optionsProblem } from "../../lib/plain-object.ts";
import { localPath } from "./local-path.ts";

/** The pages of your application, as paths of the site. They may have a query. */
export interface PagesOptions {
  /** The page with the form that signs in. A refusal leads to it, with `?error=<code>`. */
  readonly signIn: string;
  /** Where a success leads, unless the form has `returnTo`. Default `/`. */
  readonly home?: string | undefined;
  /** Where a sign-out leads. Default: `home`. */
  readonly signedOut?: string | undefined;
  /** The page of the second step of a sign-in, with `?kind=<kind>&method=<method>`. Default: `signIn`. */
  readonly challenge?: string | undefined;
}

/** Where the pages are. */
export interface PagePaths {
  readonly signIn: string;
  readonly home: string;
  readonly signedOut: string;
  readonly challenge: string;
  /** The path of the routes, as browsers see it. */
  readonly publicPath: string;
}

const NAMES: readonly (keyof PagesOptions)[] = ["signIn", "home", "signedOut", "challenge"];

/** Reads the option `pages`. Null: forms are refused. */
export function parsePages(
  options: { readonly pages?: PagesOptions | undefined; readonly transport?: string | undefined },
  publicPath: string,
): PagePaths | null {
  const { pages, transport } = options;
  if (pages === undefined) return null;
  if (transport !== "cookie") throw unsafe('pages need transport: "cookie"');
  const problem = optionsProblem(pages, NAMES);
  if (problem) throw unsafe(`pages: ${problem}`);
  const { signIn, home = "/", signedOut = home, challenge = signIn } = pages;
  const paths = { signIn, home, signedOut, challenge };
  for (const name of NAMES) requirePath(name, paths[name], publicPath);
  return Object.freeze({ ...paths, publicPath });
}

// As it will stand in `Location`: any other spelling would be another address than the one that was meant.
function requirePath(name: string, path: unknown, publicPath: string): void {
  if (typeof path === "string" && localPath(path, publicPath) === path) return;
  throw unsafe(`pages.${name} must be a path of your site such as /sign-in, and not below ${publicPath}`);
}

function unsafe(message: string): AuthError {
  return misconfigured(`createHandler: ${message}`);
}
