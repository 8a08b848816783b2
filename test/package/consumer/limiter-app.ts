// Several instances: the classes of rate-limiter-flexible, with their own declarations, fit as they come.
import { RateLimiterPostgres, RateLimiterRedis, RateLimiterSQLite } from "rate-limiter-flexible";
import { flexibleRateLimiter } from "sallyport/rate-limiter";

export const overRedis = (storeClient: object) =>
  flexibleRateLimiter(RateLimiterRedis, { storeClient, keyPrefix: "acme" }, { onUnavailable: "local" });

export const overPostgres = (storeClient: object) =>
  flexibleRateLimiter(RateLimiterPostgres, { storeClient, tableName: "limits" }, { timeoutMs: 500 });

export const overSqlite = flexibleRateLimiter(RateLimiterSQLite, { storeClient: {}, storeType: "sqlite3" });

// @ts-expect-error the rules are those of createAuth
export const loosened = () => flexibleRateLimiter(RateLimiterRedis, { storeClient: {}, points: 1000 });
