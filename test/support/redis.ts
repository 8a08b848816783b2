/** A client of `redis` or of `ioredis`, for one server or for a cluster. */
export type AnyRedis = NodeRedis | NodeRedisCluster | IoRedis | IoRedisCluster;

interface NodeRedis {
  sendCommand(args: string[]): Promise<unknown>;
}
interface NodeRedisCluster {
  readonly masters: readonly unknown[];
  /** Of one of its masters. */
  nodeClient(master: never): NodeRedis | Promise<NodeRedis>;
}
interface IoRedis {
  call(command: string, ...args: string[]): Promise<unknown>;
}
interface IoRedisCluster {
  nodes(role: "master"): readonly IoRedis[];
}

type Command = (...args: [string, ...string[]]) => Promise<unknown>;

/** What `PEXPIREAT` finds to be over it deletes. */
const REWIND = `
if redis.call('EXISTS', KEYS[1]) == 0 then return end -- its time was over by itself
for _, field in ipairs({'endsAt', 'freeAt', 'carriedUntil'}) do
  local at = tonumber(redis.call('HGET', KEYS[1], field) or 0)
  if at > 0 then redis.call('HSET', KEYS[1], field, at - ARGV[1]) end
end
redis.call('PEXPIREAT', KEYS[1], redis.call('HGET', KEYS[1], 'freeAt'))
`;

/**
 * Lets time pass for the counters under this prefix, without waiting: whatever they say of a moment is moved
 * into the past.
 */
export async function rewindRedis(client: AnyRedis, keyPrefix: string, ms: number): Promise<void> {
  for (const command of await nodesOf(client)) {
    for (const key of (await command("KEYS", `${keyPrefix}:*`)) as string[]) {
      await command("EVAL", REWIND, "1", key, String(Math.ceil(ms)));
    }
  }
}

/** Deletes everything under this prefix. */
export async function forgetRedis(client: AnyRedis, keyPrefix: string): Promise<void> {
  for (const command of await nodesOf(client)) {
    for (const key of (await command("KEYS", `${keyPrefix}:*`)) as string[]) await command("DEL", key);
  }
}

/** A way to run commands on each server that takes writes. */
async function nodesOf(client: AnyRedis): Promise<readonly Command[]> {
  if ("masters" in client) {
    const clients = await Promise.all(client.masters.map((master) => client.nodeClient(master as never)));
    return clients.map(commandOf);
  }
  return "nodes" in client ? client.nodes("master").map(commandOf) : [commandOf(client)];
}

function commandOf(client: NodeRedis | IoRedis): Command {
  return (...args) => ("call" in client ? client.call(...args) : client.sendCommand(args));
}
