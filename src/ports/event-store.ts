import type { AuthEvent, AuthEventOutcome, AuthEventType } from "../domain/auth-event.ts";
import type { EventId, UserId } from "../domain/ids.ts";

export interface EventStore {
  /**
   * Stores all events or none. An event of a deleted user is stored with a null user and a null
   * `attemptedEmail`: the failure is recorded, and no email outlives its user. Inside a transaction such an
   * event is an error, as any other row of a deleted user is.
   */
  append(events: readonly AuthEvent[]): Promise<void>;
  /** The events of one trail, newest first, in pages by id. */
  list(query: EventQuery): Promise<readonly AuthEvent[]>;
  /** The id of the `count`th newest event of a trail. Null: the trail has fewer events. */
  nth(trail: Trail, count: number): Promise<EventId | null>;
}

/** The events of one user. With `attempts`, also attempts at the user's account that name no user. */
export interface Trail {
  readonly userId: UserId;
  readonly attempts?: AttemptsQuery | undefined;
  /** Only events older than this one. */
  readonly before?: EventId | undefined;
}

/**
 * The events that were stored without a user and whose `targetOf` is one of the pseudonyms. An event that lost its
 * user when the user was removed is not one of them.
 */
export interface AttemptsQuery {
  /** Each once. */
  readonly pseudonyms: readonly string[];
  /** Only events of this moment or later. */
  readonly since: Date;
}

export interface EventQuery extends Trail {
  /** Only events of these types. */
  readonly types?: readonly AuthEventType[] | undefined;
  /** Only events with these outcomes. */
  readonly outcomes?: readonly AuthEventOutcome[] | undefined;
  /** This event, and only newer ones. */
  readonly oldest?: EventId | undefined;
  readonly limit: number;
}
