import type { Auth } from "sallyport";
import { type AuthHandler, createHandler, type HandlerOptions } from "sallyport/http";
import { type CookieJar, cookieJar } from "./cookie-jar.ts";
import { CALLER, ORIGIN } from "./cookies.ts";
import { EMAIL, PASSWORD } from "./harness.ts";

export const PAGES = { signIn: "/sign-in", home: "/home", signedOut: "/bye", challenge: "/step" } as const;
export const RIGHT: { readonly email: string; readonly password: string } = {
  email: EMAIL,
  password: PASSWORD,
};
const FORM = "application/x-www-form-urlencoded";

type Headers = Readonly<Record<string, string>>;

/** Fields by name; a text is sent as it is. */
type Fields = Readonly<Record<string, string>> | string;

/** A browser without scripts, with the jar of RFC 6265. It follows no redirect by itself. */
export interface FormBrowser {
  readonly handler: AuthHandler;
  readonly jar: CookieJar;
  get(path: string, headers?: Headers): Promise<Response>;
  post(path: string, fields?: Fields, headers?: Headers): Promise<Response>;
  /** Values of a cookie, by the end of its name. */
  held(name: string): string | undefined;
}

interface Opened {
  readonly auth: Auth;
  readonly clock: { now(): Date };
}

export function pagesHandler(auth: Auth, options: HandlerOptions = {}): AuthHandler {
  return createHandler(auth, { transport: "cookie", origins: [ORIGIN], pages: PAGES, ...options });
}

export function formBrowser({ auth, clock }: Opened, options: HandlerOptions = {}): FormBrowser {
  const handler = pagesHandler(auth, options);
  const jar = cookieJar(() => clock.now().getTime());
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const [pathname = ""] = path.split("?");
    const headers = { ...jar.header(pathname), ...(init.headers as Headers) };
    const response = await handler(new Request(ORIGIN + path, { ...init, headers }), CALLER);
    jar.keep(pathname, response.headers.getSetCookie());
    return response;
  };
  return {
    handler,
    jar,
    get: (path, headers = {}) => send(path, { headers }),
    post(path, fields = {}, headers = {}) {
      const body = typeof fields === "string" ? fields : String(new URLSearchParams(fields));
      return send(path, {
        method: "POST",
        headers: { origin: ORIGIN, "content-type": FORM, ...headers },
        body: body === "" ? null : body,
      });
    },
    held: (name) => jar.all().find((cookie) => cookie.name.endsWith(`-${name}`))?.value,
  };
}

/** Status and address: all that a redirect says. */
export async function ledTo(response: Response): Promise<readonly [number, string | null]> {
  const body = await response.text();
  if (response.status === 303 && body !== "") throw new TypeError("A redirect has no body");
  return [response.status, response.headers.get("location")];
}
