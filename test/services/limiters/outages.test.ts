import { Pool } from "pg";
import { RateLimiterPostgres, RateLimiterRedis } from "rate-limiter-flexible";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { describe } from "vitest";
import { connectRedis, REDIS_PACKAGES } from "../../support/redis-clients.ts";
import { hasRedisServer, type OwnRedis, ownRedis } from "../../support/redis-server.ts";
import { isThere } from "../../support/required-services.ts";
import { type OwnPostgres, ownPostgres, postgresBinaries } from "../processes/own-postgres.ts";
import { type Calls, outageSuite } from "./outage-suite.ts";

const hasRedis = isThere(hasRedisServer(), "redis: redis-server or redis-cli is not installed");
const binaries = postgresBinaries();
const hasPostgres = isThere(binaries, "PostgreSQL's own binaries, or root to start them, are missing");

// The servers side by side, what happens to each of them in turn: nearly all of it is waiting.
const IN_TURN = { concurrent: false };

describe.runIf(hasRedis).concurrent.for(REDIS_PACKAGES)("redis, by %s", (by) => {
  describe("of its own", IN_TURN, () =>
    outageSuite({
      prepare: () => ownRedis(),
      connect: (server, options) => {
        const { client, close } = connectRedis(by, [(server as OwnRedis).url]);
        const calls = { started: 0, pending: 0 };
        const Watched = watched(RateLimiterRedis, calls);
        const limiter = flexibleRateLimiter(Watched, { storeClient: client }, options);
        return { limiter, calls, close: async () => close() };
      },
    }),
  );
});

describe.runIf(hasPostgres).concurrent("postgres", () => {
  describe("of its own", IN_TURN, () =>
    outageSuite({
      prepare: () => ownPostgres(binaries as string),
      connect: (server, options) => {
        const storeClient = new Pool({ connectionString: (server as OwnPostgres).url });
        storeClient.on("error", () => {});
        const calls = { started: 0, pending: 0 };
        const Watched = watched(RateLimiterPostgres, calls);
        const limiter = flexibleRateLimiter(Watched, { storeClient }, options);
        return { limiter, calls, close: () => storeClient.end() };
      },
    }),
  );
});

/** The class, whose calls are counted. */
function watched<Class extends typeof RateLimiterRedis | typeof RateLimiterPostgres>(
  Backend: Class,
  calls: Calls,
): Class {
  return new Proxy(Backend, {
    construct: (target, args) => {
      const backend = Reflect.construct(target, args) as RateLimiterRedis;
      for (const verb of ["consume", "reward", "penalty"] as const) {
        const call = backend[verb].bind(backend);
        backend[verb] = (...given) => {
          calls.started++;
          calls.pending++;
          return call(...given).finally(() => calls.pending--);
        };
      }
      return backend;
    },
  });
}
