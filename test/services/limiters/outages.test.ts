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
        const storeClient = watchedClient(client, calls);
        const limiter = flexibleRateLimiter(RateLimiterRedis, { storeClient }, options);
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

/** The client, whose scripts are counted. */
function watchedClient(client: object, calls: Calls): object {
  return new Proxy(client, {
    get: (target, name) => {
      const member = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      const isScript = name === "eval" || name === "sallyportCount";
      return (...args: unknown[]) => {
        const answer = member.apply(target, args);
        return isScript ? watchedCall(answer, calls) : answer;
      };
    },
  });
}

function watchedCall<Answer>(answer: Promise<Answer>, calls: Calls): Promise<Answer> {
  calls.started++;
  calls.pending++;
  return answer.finally(() => calls.pending--);
}

/** The class, whose calls are counted. */
function watched(Backend: typeof RateLimiterPostgres, calls: Calls): typeof RateLimiterPostgres {
  return new Proxy(Backend, {
    construct: (target, args) => {
      const backend = Reflect.construct(target, args) as RateLimiterPostgres;
      for (const verb of ["consume", "reward", "penalty"] as const) {
        const call = backend[verb].bind(backend);
        backend[verb] = (...given) => watchedCall(call(...given), calls);
      }
      return backend;
    },
  });
}
