export { type CapturedEvents, capturingEvents } from "./capturing-events.ts";
export { type CapturingMailer, capturingMailer } from "./capturing-mailer.ts";
export { type CookieHttpArea, type CookieHttpSuiteOptions, cookieHttpSuite } from "./cookie-http-suite.ts";
export { type FakeClock, fakeClock } from "./fake-clock.ts";
export { type Guard, type GuardedServer, type GuardSuiteOptions, guardSuite } from "./guard-suite.ts";
export { type HttpArea, type HttpServerUnderTest, type HttpSuiteOptions, httpSuite } from "./http-suite.ts";
export { insecureTestHasher } from "./insecure-test-hasher.ts";
export { type MailHttpSuiteOptions, type MailServerUnderTest, mailHttpSuite } from "./mail-http-suite.ts";
export {
  type LimiterUnderTest,
  type RateLimiterSuiteOptions,
  rateLimiterSuite,
} from "./rate-limiter-suite.ts";
export { type StoreSuiteOptions, storeSuite, type TestFunction } from "./store-suite.ts";
export { type UnreliableStore, unreliableStore } from "./unreliable-store.ts";
