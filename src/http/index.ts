export {
  type ArrivingRequest,
  type HttpBody,
  type HttpClient,
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  MAX_BODY_BYTES,
} from "../contract/message.ts";
export type { Caller, CallerEvents, CallerSessions } from "./caller/caller.ts";
export type { PlatformHead, PlatformRequest, RequestHead } from "./caller/request-head.ts";
export type { Requirements } from "./caller/requirements.ts";
export type { ForwardedHeader } from "./client-address/forwarded-hops.ts";
export type { PeerSocket, RequestWithSocket } from "./client-address/peer-address.ts";
export {
  type AddressPreset,
  type ForwardedOptions,
  forwarded,
  fromCloudflare,
  fromFly,
  fromVercel,
} from "./client-address/presets.ts";
export type { ClientAddress } from "./client-address/told-address.ts";
export type { ProxyOptions } from "./client-address/trusted-proxies.ts";
export type { PagesOptions } from "./pages/pages-options.ts";
export type { AuthHandler } from "./server/auth-handler.ts";
export type { Dispatch } from "./server/dispatch.ts";
export { createHandler } from "./server/fetch-handler.ts";
export type { HandlerOptions, PlatformOptions, ServerOptions } from "./server/handler-options.ts";
export { type NodeHandler, type NodeRequest, toNodeHandler } from "./server/node-handler.ts";
export { type NodeResponse, sendNodeResponse } from "./server/node-response.ts";
export type { PlatformArgument, PlatformHandler } from "./server/platform-handler.ts";
export { headerOf, type ServedRequest } from "./server/request-id.ts";
export { problemResponse } from "./server/response.ts";
export type { TokenCookie } from "./transport/token-cookie.ts";
export type { CookieLifeOptions } from "./transport/transport.ts";
export type { CookieSettings, TransportOptions } from "./transport/transport-options.ts";
