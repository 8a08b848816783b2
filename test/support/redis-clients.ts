import { Cluster, Redis } from "ioredis";
import { createClient, createCluster } from "redis";
import type { AnyRedis } from "./redis.ts";

/** Connected, or trying to. */
export interface ConnectedRedis {
  readonly client: AnyRedis;
  /** Without waiting for whatever has not been answered. */
  close(): void;
}

/** The packages that can be handed to a limiter. */
export const REDIS_PACKAGES = ["redis", "ioredis"] as const;
export type RedisPackage = (typeof REDIS_PACKAGES)[number];

/** A client of one server, or of a cluster, whose first nodes are then named by several URLs. */
export async function connectRedis(by: RedisPackage, urls: readonly string[]): Promise<ConnectedRedis> {
  const connect = by === "redis" ? connectNodeRedis : connectIoRedis;
  return connect(urls);
}

async function connectNodeRedis(urls: readonly string[]): Promise<ConnectedRedis> {
  const client =
    urls.length > 1
      ? createCluster({ rootNodes: urls.map((url) => ({ url })) })
      : createClient({ url: urls[0] as string });
  client.on("error", () => {});
  await client.connect();
  return { client, close: () => client.destroy() };
}

function connectIoRedis(urls: readonly string[]): ConnectedRedis {
  const client = urls.length > 1 ? new Cluster([...urls]) : new Redis(urls[0] as string);
  client.on("error", () => {});
  return { client, close: () => client.disconnect() };
}
