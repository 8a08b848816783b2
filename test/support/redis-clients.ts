import { Cluster, Redis } from "ioredis";
import { createClient, createCluster } from "redis";
import type { AnyRedis } from "./redis.ts";

/** Trying to connect, for as long as it takes. */
export interface ConnectedRedis {
  readonly client: AnyRedis;
  readonly ready: Promise<unknown>;
  /** Without waiting for whatever has not been answered. */
  close(): void;
}

/** The packages that can be handed to a limiter. */
export const REDIS_PACKAGES = ["redis", "ioredis"] as const;
export type RedisPackage = (typeof REDIS_PACKAGES)[number];

/** A client of one server, or of a cluster, whose first nodes are then named by several URLs. */
export function connectRedis(by: RedisPackage, urls: readonly string[]): ConnectedRedis {
  return by === "redis" ? connectNodeRedis(urls) : connectIoRedis(urls);
}

function connectNodeRedis(urls: readonly string[]): ConnectedRedis {
  const client =
    urls.length > 1
      ? createCluster({ rootNodes: urls.map((url) => ({ url })) })
      : createClient({ url: urls[0] as string });
  client.on("error", () => {});
  const ready = client.connect();
  ready.catch(() => {}); // closed before it was connected
  return { client, ready, close: () => client.destroy() };
}

function connectIoRedis(urls: readonly string[]): ConnectedRedis {
  const client = urls.length > 1 ? new Cluster([...urls]) : new Redis(urls[0] as string);
  client.on("error", () => {});
  const ready = new Promise((resolve) => client.once("ready", resolve));
  return { client, ready, close: () => client.disconnect() };
}
