export {
  type ArrivingRequest,
  type HttpBody,
  type HttpClient,
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  MAX_BODY_BYTES,
} from "../contract/message.ts";
export type { ForwardedHeader } from "./client-address/forwarded-hops.ts";
export type { PeerSocket, RequestWithSocket } from "./client-address/peer-address.ts";
export type { ProxyOptions } from "./client-address/trusted-proxies.ts";
export type { Dispatch } from "./server/dispatch.ts";
export {
  type AuthHandler,
  createHandler,
  type HandlerOptions,
  type RequestWithHeaders,
} from "./server/fetch-handler.ts";
export { type NodeHandler, type NodeRequest, toNodeHandler } from "./server/node-handler.ts";
export { type NodeResponse, sendNodeResponse } from "./server/node-response.ts";
export { problemResponse } from "./server/response.ts";
export type { CookieSettings, TransportOptions } from "./transport/transport-options.ts";
