import type { Auth } from "sallyport";
import { type AuthHandler, createHandler, type HttpClient } from "sallyport/http";
import { EMAIL, PASSWORD } from "./harness.ts";

export const ORIGIN = "https://app.example";
export const CALLER: HttpClient = { ip: "203.0.113.7" };

export function cookieHandler(auth: Auth): AuthHandler {
  return createHandler(auth, { transport: "cookie", origins: [ORIGIN, "https://admin.example:8443"] });
}

/** A `Set-Cookie` header, taken apart. */
export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** By lower-case name; `""` where there is no value. */
  readonly attributes: Readonly<Record<string, string>>;
}

export function setCookies(response: Response): readonly SetCookie[] {
  return response.headers.getSetCookie().map((line) => {
    const [pair = "", ...attributes] = line.split("; ");
    const [name = "", value = ""] = split(pair);
    return { name, value, attributes: Object.fromEntries(attributes.map(split).map(lowerName)) };
  });
}

function split(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function lowerName([name, value]: [string, string]): [string, string] {
  return [name.toLowerCase(), value];
}

interface BrowserRequest {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A browser, as far as cookies go: it keeps what it is told to, and sends it by path. */
export interface FakeBrowser {
  send(path: string, request?: BrowserRequest): Promise<Response>;
  /** Name and value of what it keeps. */
  readonly jar: Map<string, string>;
  signUp(): Promise<Response>;
  signIn(): Promise<Response>;
}

/** A page of `ORIGIN` over a handler in cookie mode. Pages of one browser have one jar. */
export function fakeBrowser(handler: AuthHandler, jar: Map<string, string> = new Map()): FakeBrowser {
  const cookieHeader = () => [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const send: FakeBrowser["send"] = async (path, { method = "GET", body, headers } = {}) => {
    const request = new Request(`${ORIGIN}${path}`, {
      method,
      headers: {
        ...(method !== "GET" && { origin: ORIGIN }),
        ...(jar.size > 0 && { cookie: cookieHeader() }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const response = await handler(request, CALLER);
    for (const { name, value, attributes } of setCookies(response)) {
      if (attributes["max-age"] === "0") jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
  const credentials = { email: EMAIL, password: PASSWORD };
  return {
    jar,
    send,
    signUp: () => send("/auth/signup", { method: "POST", body: credentials }),
    signIn: () => send("/auth/login", { method: "POST", body: credentials }),
  };
}
