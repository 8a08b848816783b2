import { performance } from "node:perf_hooks";
import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";
import { breather } from "../../lib/breather.ts";
import type { Deadline } from "../../lib/deadline.ts";

/** Destroys a connection instead of giving it back. Null: it has no server that could hang. */
type Sever = ((connection: DatabaseConnection) => Promise<void> | undefined) | null;

/** Uses a connection, or finds that another one is needed. */
type Leased<T> = (connection: DatabaseConnection, use: () => Promise<T>) => Promise<Used<T>>;
type Used<T> = { readonly result: T } | typeof SUSPECT;

/** How a store uses the connections of a pool. */
export interface Leasing {
  /** `take` gets a connection of the pool and passes it on. It runs again if the connection is not to be trusted. */
  lease<T>(deadline: Deadline, take: (leased: Leased<T>) => Promise<Used<T>>): Promise<T>;
}

const SUSPECT: unique symbol = Symbol("suspect");

/**
 * Once a deadline is over, each statement on its connection fails, also one that is running, and the connection is
 * destroyed: an answer may still come, and no later caller may read it.
 *
 * What made one connection silent may have done so to all others: a proxy, a firewall, a moved server. So each
 * connection whose last answer is older is destroyed before its next use. The next call then works.
 */
export function leasing(sever: Sever): Leasing {
  const answeredAt = new WeakMap<DatabaseConnection, number>();
  const breathe = breather();
  let lastSilence = Number.NEGATIVE_INFINITY;

  const isSuspect = (connection: DatabaseConnection): boolean =>
    (answeredAt.get(connection) ?? Number.POSITIVE_INFINITY) < lastSilence;
  const giveBack = async (
    connection: DatabaseConnection,
    { unbind, wasSilent, isOver }: BoundStatements,
  ): Promise<void> => {
    const now = performance.now();
    answeredAt.set(connection, now);
    if (wasSilent()) lastSilence = now;
    if (isOver()) await sever?.(connection);
    else unbind();
  };
  const use = async <T>(connection: DatabaseConnection, { deadline, work }: Use<T>): Promise<Used<T>> => {
    // A database in this process has no session to end: its connection stays taken until it answers.
    if (!sever || !connection.killSession) return { result: await work() };
    if (isSuspect(connection)) {
      await sever(connection);
      return SUSPECT;
    }
    const bound = bindStatements(connection, deadline);
    return work()
      .then((result) => ({ result }))
      .finally(() => giveBack(connection, bound));
  };
  return Object.freeze<Leasing>({
    lease: async (deadline, take) => {
      const turn = breathe();
      if (turn) await turn;
      for (;;) {
        const used = await take((connection, work) => use(connection, { deadline, work }));
        if (used !== SUSPECT) return used.result;
      }
    },
  });
}

interface Use<T> {
  readonly deadline: Deadline;
  readonly work: () => Promise<T>;
}

interface BoundStatements extends Pick<Deadline, "isOver"> {
  /** Whether the deadline cut off a statement. A hook that hangs says nothing about the connection. */
  wasSilent(): boolean;
  unbind(): void;
}

/** Also BEGIN, COMMIT and ROLLBACK run through this one method of the connection. */
function bindStatements(connection: DatabaseConnection, deadline: Deadline): BoundStatements {
  const { executeQuery } = connection;
  let wasSilent = false;
  connection.executeQuery = async <Row>(query: CompiledQuery): Promise<QueryResult<Row>> => {
    deadline.assertOpen();
    let isAnswered = false;
    const answer = executeQuery.call(connection, query) as Promise<QueryResult<Row>>;
    const noted = answer.finally(() => {
      isAnswered = true;
    });
    return deadline.race(noted).catch((error) => {
      wasSilent ||= !isAnswered;
      throw error;
    });
  };
  return {
    isOver: deadline.isOver,
    wasSilent: () => wasSilent,
    unbind: () => {
      connection.executeQuery = executeQuery;
    },
  };
}
