export type { FlexibleBackend, FlexibleBackendClass, FlexibleResult } from "./backends.ts";
export { flexibleRateLimiter } from "./flexible-rate-limiter.ts";
export type { FlexibleRateLimiterOptions, SetByUs } from "./options.ts";
