// One of the instances. It knows nothing of the others: what they share is the secret, PostgreSQL and Redis.
import { fileURLToPath } from "node:url";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { createClient } from "redis";
import { createAuth } from "sallyport";
import { kyselyStore } from "sallyport/kysely";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { createDemoApp } from "../express/app.ts";
import { boundedServer, closeServer } from "../express/bounded-server.ts";
import { pageOrigins } from "../shared/page-origins.ts";
import { openDatabase } from "../shared/postgres.ts";
import { postgresNotes } from "../shared/postgres-notes.ts";

const {
  FRONT_PORT,
  PORT,
  POSTGRES_URL = "",
  REDIS_URL = "",
  REDIS_PREFIX = "sallyport",
  SALLYPORT_SECRET,
} = process.env;
const onError = console.error;

const db = openDatabase(POSTGRES_URL);
// Without Redis a limited call is refused at once: it does not wait in a queue for Redis to come back.
const redis = createClient({ url: REDIS_URL, disableOfflineQueue: true });
redis.on("error", ({ message }: Error) => onError(`Redis: ${message}`)); // without a listener it ends the process
const auth = createAuth({
  secret: SALLYPORT_SECRET, // the same for all: each knows the tokens of the others
  store: kyselyStore(db),
  rateLimiter: flexibleRateLimiter(RateLimiterRedis, { storeClient: redis, keyPrefix: REDIS_PREFIX }),
  onError,
});
// The front stands on this machine. Without this every client would have its address, and share its limits.
const trustedProxies = ["loopback"];
const app = createDemoApp({
  auth,
  notes: postgresNotes(db),
  onError,
  trustedProxies,
  origins: pageOrigins(Number(FRONT_PORT)), // browsers know the front alone
  pageClient: fileURLToPath(import.meta.resolve("sallyport/client")),
});
const server = boundedServer(app);

server.on("error", (error) => {
  onError(error.message);
  process.exit(1);
});
server.on("listening", () => process.send?.(server.address()));
// Until the limiter can count, whoever asked would be refused.
redis.once("ready", () => process.connected && server.listen(Number(PORT), "127.0.0.1"));
redis.connect().catch(({ message }: Error) => onError(`Redis: ${message}`));

// The process that started this one says when to stop, by closing the channel; when it is killed, that closes
// too, and nothing is left behind. Ctrl-C reaches every process: this one still answers what the front passes on.
process.on("SIGINT", () => {});
process.once("SIGTERM", () => process.disconnect());
process.once("disconnect", stop);
if (process.connected === false) await stop(); // it was killed while this one started

async function stop(): Promise<void> {
  await closeServer(server);
  await auth.close();
  await db.destroy();
  redis.destroy();
}
