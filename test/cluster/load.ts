import { setTimeout as pause } from "node:timers/promises";
import type { Answer, Call } from "../examples/demo.ts";
import { callFrom, freshAddress, PASSWORD, type SignedIn, signUp } from "./cluster.ts";

/** Between two steps: each is one request or more, so there are over 100 of them a second. */
const INTERVAL_MS = 10;
const USERS = 40;
/** No request takes as long, unless its answer never comes. */
const PATIENCE_MS = 30_000;
/** Refused, or broken off: nothing is known of what happened. */
const NOT_NOW: readonly number[] = [502, 503];

interface Session {
  token: string;
  refreshToken: string;
  readonly id: string;
  ended: boolean;
}

/** One who knows what they did, and so what they must be answered. They do one thing at a time. */
interface User {
  readonly email: string;
  readonly id: string;
  readonly notes: string;
  readonly deviceToken: string;
  readonly sessions: Session[];
  /** By what became of them: their 201 came, or its connection broke. */
  readonly kept: Set<string>;
  readonly perhapsKept: Set<string>;
  busy: boolean;
}

/** Steps that come whether or not the earlier ones were answered, as people do. */
export interface Load {
  readonly users: readonly User[];
  readonly sent: () => number;
  /** How many answers there were of each status; `0` is no answer. */
  readonly statuses: ReadonlyMap<number, number>;
  /** How many answers came from the instance at this port. */
  readonly servedBy: (port: number) => number;
  /** Answers that must not be. */
  readonly wrong: readonly string[];
  /** Begins no new step, and waits for those under way. */
  stop(): Promise<void>;
}

export async function offerLoad(front: string): Promise<Load> {
  const users = await Promise.all(Array.from({ length: USERS }, (_, index) => newUser(front, index)));
  const statuses = new Map<number, number>();
  const served = new Map<number, number>();
  const wrong: string[] = [];
  const underWay = new Set<Promise<void>>();
  let sent = 0;
  let begun = 0;

  const send: Send = async (method, path, options) => {
    sent++;
    const answer = await answered(callFrom(freshAddress(), [method, `${front}${path}`], options));
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const port = Number(answer.headers["x-served-by"]);
    served.set(port, (served.get(port) ?? 0) + 1);
    return answer;
  };
  const begin = (): void => {
    const step = STEPS[begun % STEPS.length] as Step;
    const user = users[begun++ % USERS] as User;
    if (user.busy) return;
    user.busy = true;
    const expectThat: Expect = (right, answer) => {
      if (!right) wrong.push(`${step.name}: ${answer.status} ${answer.body}`);
    };
    const done = step(user, send, expectThat).catch((error) => void wrong.push(`${step.name}: ${error}`));
    underWay.add(done);
    void done.finally(() => {
      user.busy = false;
      underWay.delete(done);
    });
  };
  const timer = setInterval(begin, INTERVAL_MS);
  return {
    users,
    sent: () => sent,
    statuses,
    servedBy: (port) => served.get(port) ?? 0,
    wrong,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

async function newUser(front: string, index: number): Promise<User> {
  const email = `user-${index}@example.com`;
  const first = await signUp(front, email);
  return {
    email,
    id: first.userId,
    notes: `/api/users/${first.userId}/notes`,
    deviceToken: first.deviceToken,
    sessions: [sessionOf(first)],
    kept: new Set(),
    perhapsKept: new Set(),
    busy: false,
  };
}

const NO_ANSWER: Answer = { status: 0, headers: {}, rawHeaders: [], body: "no answer", json: undefined };

async function answered(answer: Promise<Answer>): Promise<Answer> {
  const patience = new AbortController();
  const late = pause(PATIENCE_MS, NO_ANSWER, { signal: patience.signal });
  return Promise.race([answer, late])
    .catch(() => NO_ANSWER)
    .finally(() => {
      late.catch(() => {});
      patience.abort();
    });
}

type Send = (method: string, path: string, options?: Call) => Promise<Answer>;
type Expect = (right: boolean, answer: Answer) => void;
type Step = (user: User, send: Send, expectThat: Expect) => Promise<void>;

/** Once more for as long as it is refused or breaks off: what is then said must be right. */
async function atLast(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await send();
    if (!NOT_NOW.includes(answer.status)) return answer;
    await pause(100);
  }
}

async function logIn(user: User, send: Send, expectThat: Expect): Promise<void> {
  const { email, deviceToken } = user;
  const answer = await send("POST", "/auth/login", { body: { email, password: PASSWORD, deviceToken } });
  if (answer.status !== 200) return expectThat([429, ...NOT_NOW].includes(answer.status), answer);
  const { accessToken: token, refreshToken, session } = answer.json;
  user.sessions.push({ token, refreshToken, id: session.id, ended: false });
  const me = await atLast(() => send("GET", "/auth/me", { token }));
  expectThat(isMe(me, user, session.id), me);
}

async function guess({ email }: User, send: Send, expectThat: Expect): Promise<void> {
  const answer = await send("POST", "/auth/login", { body: { email, password: "Wrong1horse" } });
  expectThat([401, 429, ...NOT_NOW].includes(answer.status), answer);
}

async function refresh(user: User, send: Send, expectThat: Expect): Promise<void> {
  const session = liveSession(user);
  if (!session) return logIn(user, send, expectThat);
  const body = { refreshToken: session.refreshToken };
  const answer = await atLast(() => send("POST", "/auth/refresh", { body }));
  expectThat(answer.status === 200 && answer.json.session.id === session.id, answer);
  if (answer.status !== 200) return;
  session.token = answer.json.accessToken;
  session.refreshToken = answer.json.refreshToken;
}

async function logOut(user: User, send: Send, expectThat: Expect): Promise<void> {
  const session = liveSession(user);
  if (!session) return logIn(user, send, expectThat);
  const { token } = session;
  const answer = await atLast(() => send("POST", "/auth/logout", { token }));
  expectThat(answer.status === 204, answer);
  session.ended = true;
  const after = await atLast(() => send("GET", "/auth/me", { token }));
  expectThat(isRevoked(after), after);
}

async function askMe(user: User, send: Send, expectThat: Expect): Promise<void> {
  for (const { token, id, ended } of user.sessions.slice(-3)) {
    const answer = await send("GET", "/auth/me", { token });
    if (NOT_NOW.includes(answer.status)) continue;
    expectThat(ended ? isRevoked(answer) : isMe(answer, user, id), answer);
  }
}

async function addNote(user: User, send: Send, expectThat: Expect): Promise<void> {
  const session = liveSession(user);
  if (!session) return logIn(user, send, expectThat);
  const text = `${user.email} ${user.kept.size + user.perhapsKept.size}`;
  const answer = await send("POST", user.notes, { token: session.token, body: { text } });
  expectThat([201, ...NOT_NOW].includes(answer.status), answer);
  (answer.status === 201 ? user.kept : user.perhapsKept).add(text);
}

async function readNotes(user: User, send: Send, expectThat: Expect): Promise<void> {
  const session = liveSession(user);
  if (!session) return logIn(user, send, expectThat);
  const answer = await send("GET", user.notes, { token: session.token });
  if (NOT_NOW.includes(answer.status)) return;
  expectThat(answer.status === 200 && areNotesOf(user, answer), answer);
}

/** In this order over and over, and each user in turn: 37 and 40 have no common divisor. */
const STEPS: readonly Step[] = [
  ...Array<Step[]>(5).fill([askMe, logIn, readNotes, askMe, addNote, refresh, logOut]).flat(),
  guess,
  refresh,
];

/** All that were said to be kept, each once, and none but their own. */
export function areNotesOf(user: User, { json }: Answer): boolean {
  const texts: readonly string[] = json.notes.map(({ text }: { text: string }) => text);
  const isOwn = (text: string): boolean => user.kept.has(text) || user.perhapsKept.has(text);
  const isThere = (text: string): boolean => texts.includes(text);
  return texts.every(isOwn) && [...user.kept].every(isThere) && new Set(texts).size === texts.length;
}

export function isMe({ status, json }: Answer, user: User, sessionId: string): boolean {
  return status === 200 && json.user.id === user.id && json.session.id === sessionId;
}

export function isRevoked({ status, json }: Answer): boolean {
  return status === 401 && json.code === "session_revoked";
}

function liveSession({ sessions }: User): Session | undefined {
  return sessions.findLast(({ ended }) => !ended);
}

function sessionOf({ token, refreshToken, sessionId }: SignedIn): Session {
  return { token, refreshToken, id: sessionId, ended: false };
}
