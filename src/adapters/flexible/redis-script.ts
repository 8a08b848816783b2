/**
 * `countAttempt` and `refundAttempt` of src/lib/attempt-counter.ts, for Redis. It runs in one step and by the
 * clock of Redis, so that instances with different clocks count alike. It uses one key, so it runs on a cluster.
 * The arguments are those of rate-limiter-flexible: change, seconds of the window, points of the rule. It
 * answers the count and the milliseconds until there are points again.
 */
const COUNT_SCRIPT = `
local change, window, points = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stored = redis.call('HMGET', KEYS[1], 'endsAt', 'used', 'refused', 'freeAt', 'carried', 'carriedUntil')
for i = 1, 6 do stored[i] = tonumber(stored[i] or 0) end
local endsAt, used, refused, freeAt, carried, carriedUntil = unpack(stored)

if change < 0 then
  if used + carried == 1 then redis.call('DEL', KEYS[1])
  elseif carried > 0 then redis.call('HINCRBY', KEYS[1], 'carried', -1)
  elseif used > 0 then redis.call('HINCRBY', KEYS[1], 'used', -1) end
  return {0, 0}
end

local latest = now + window
endsAt, freeAt, carriedUntil = math.min(endsAt, latest), math.min(freeAt, latest), math.min(carriedUntil, latest)
if now >= endsAt then
  carriedUntil, carried = freeAt, 0
  if now < freeAt then carried = used end
  if carried == 0 then refused = 0 end
  used, endsAt = 0, latest
end
if carried > 0 and now >= carriedUntil then carried, refused = 0, 0 end

local spent = carried + used
local count = spent + 1
if spent < points then
  used, freeAt = used + 1, latest
else
  refused = refused + 1
  count = spent + refused
end
local resetAt = endsAt
if count >= points then
  resetAt = freeAt
  if carried > 0 then resetAt = carriedUntil end
end
redis.call('HSET', KEYS[1], 'endsAt', endsAt, 'used', used, 'refused', refused, 'freeAt', freeAt,
  'carried', carried, 'carriedUntil', carriedUntil)
redis.call('PEXPIREAT', KEYS[1], freeAt)
return {count, resetAt - now}
`;

const COMMAND = "sallyportCount";

/** The members by which we recognise a client of `redis` or `ioredis`, or a compatible one. */
interface RedisClient {
  readonly defineCommand?: (name: string, definition: object) => void;
  readonly eval?: unknown;
  readonly sendCommand?: unknown;
}

/** The options that make a Redis backend count exactly. Empty for other backends. */
export function redisOptions(storeClient: unknown): Readonly<Record<string, unknown>> {
  if (!isRedisClient(storeClient)) return {};
  const { defineCommand } = storeClient;
  return {
    customIncrTtlLuaScript: COUNT_SCRIPT,
    ...(typeof defineCommand === "function"
      ? { storeClient: withOwnCommand(storeClient) }
      : { useRedisPackage: true }),
  };
}

function isRedisClient(client: unknown): client is RedisClient & object {
  if (typeof client !== "object" || client === null) return false;
  const { defineCommand, eval: run, sendCommand } = client as RedisClient;
  return (
    typeof defineCommand === "function" || (typeof run === "function" && typeof sendCommand === "function")
  );
}

// rate-limiter-flexible defines its script on the client under a fixed name. The application's limiters on the
// same client would run our script, or we theirs.
function withOwnCommand(client: RedisClient & object): object {
  const call = (...args: readonly unknown[]): unknown =>
    (client as Record<string, (...args: readonly unknown[]) => unknown>)[COMMAND]?.(...args);
  return Object.create(client, {
    defineCommand: { value: (_: string, definition: object) => client.defineCommand?.(COMMAND, definition) },
    rlflxIncr: { value: call },
  });
}
