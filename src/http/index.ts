export type { Dispatch } from "./dispatch.ts";
export {
  type AuthHandler,
  createHandler,
  type HandlerOptions,
  type RequestWithHeaders,
} from "./fetch-handler.ts";
export type { ForwardedHeader } from "./forwarded-hops.ts";
export {
  type HttpBody,
  type HttpClient,
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  MAX_BODY_BYTES,
} from "./message.ts";
export { type NodeHandler, type NodeRequest, sendNodeResponse, toNodeHandler } from "./node-handler.ts";
export type { PeerSocket, RequestWithSocket } from "./peer-address.ts";
export { problemResponse } from "./response.ts";
export type { TransportOptions } from "./transport-options.ts";
export type { ProxyOptions } from "./trusted-proxies.ts";
