import { readJson } from "../../contract/body.ts";
import type { HttpRequest } from "../../contract/message.ts";
import { refreshTokenField } from "../../contract/request.ts";
import type { PresentedTokens } from "../../contract/route.ts";
import { bearerToken } from "./bearer.ts";
import type { Transport } from "./transport.ts";

/** Tokens in the `Authorization` header and in bodies. Cookies are never read. */
export const bearerTransport: Transport = Object.freeze<Transport>({
  // Browsers never add an `Authorization` header by themselves: a request from another site has no rights.
  admits: () => true,
  tokensOf,
  inputOf: (_route, request) => readJson(request),
  accessToken: ({ headers }) => bearerToken(headers),
  refusal: (error) => error,
  cookies() {
    throw new TypeError('cookies(result): this handler has none; they need transport: "cookie"');
  },
  deliver: (_route, body) => ({ body, setCookies: [] }),
  afterFailure: () => [],
  headers: {},
});

function tokensOf(request: HttpRequest): PresentedTokens {
  const access = () => bearerToken(request.headers);
  const refresh = () => refreshTokenField(readJson(request));
  return {
    access,
    refresh,
    ending() {
      const byBody = request.headers["authorization"] === undefined && request.body.kind !== "none";
      return [byBody ? refresh() : access()];
    },
    hasRefreshCookie: () => false,
  };
}
