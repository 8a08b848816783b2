// One of the instances. It does not know the others: they share the secret, PostgreSQL and Redis.
import { fileURLToPath } from "node:url";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { createClient } from "redis";
import { createAuth } from "sallyport";
import { kyselyStore } from "sallyport/kysely";
import { flexibleRateLimiter } from "sallyport/rate-limiter";
import { createDemoApp } from "../express/app.ts";
import { boundedServer, closeServer } from "../shared/bounded-server.ts";
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
// Without Redis, a limited call is refused at once. It does not wait until Redis is back.
const redis = createClient({ url: REDIS_URL, disableOfflineQueue: true });
redis.on("error", ({ message }: Error) => onError(`Redis: ${message}`)); // without a listener, the error ends the process
const auth = createAuth({
  secret: SALLYPORT_SECRET, // the same for all: each accepts the tokens of the others
  store: kyselyStore(db),
  rateLimiter: flexibleRateLimiter(RateLimiterRedis, { storeClient: redis, keyPrefix: REDIS_PREFIX }),
  onError,
});
// The front runs on this machine. Without this, every client would have the front's address and share its limits.
const trustedProxies = ["loopback"];
const app = createDemoApp({
  auth,
  notes: postgresNotes(db),
  onError,
  trustedProxies,
  origins: pageOrigins(Number(FRONT_PORT)), // browsers only see the front
  pageClient: fileURLToPath(import.meta.resolve("sallyport/client")),
});
const server = boundedServer(app);

server.on("error", (error) => {
  onError(error.message);
  process.exit(1);
});
server.on("listening", () => process.send?.(server.address()));
// Until the limiter can count, every request would be refused.
redis.once("ready", () => process.connected && server.listen(Number(PORT), "127.0.0.1"));
redis.connect().catch(({ message }: Error) => onError(`Redis: ${message}`));

// The parent process closes the channel to stop this one. If the parent is killed, the channel closes too, so no
// process is left. Ctrl-C reaches every process: this one still answers the requests of the front.
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
