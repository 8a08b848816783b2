import { readJson } from "../../contract/body.ts";
import type { HttpRequest } from "../../contract/message.ts";
import { refreshTokenField } from "../../contract/request.ts";
import type { PresentedTokens } from "../../contract/route.ts";
import { bearerToken } from "./bearer.ts";
import type { Transport } from "./transport.ts";

/** Tokens in the `Authorization` header and in bodies. Cookies are never read. */
export const bearerTransport: Transport = Object.freeze<Transport>({
  // No browser adds an `Authorization` header by itself: what another site sends has nobody's rights.
  admits: () => true,
  tokensOf,
  accessToken: ({ headers }) => bearerToken(headers),
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
    login: () => readJson(request),
  };
}
