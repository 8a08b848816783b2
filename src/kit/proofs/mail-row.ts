import { randomInt } from "node:crypto";
import * as z from "zod/mini";
import type { FactorChange } from "../../api/mail.ts";
import { reading } from "../../api/schema.ts";
import type { Context } from "../../context.ts";
import { addMs } from "../../domain/duration.ts";
import type { MailId, ProofId, UserId } from "../../domain/ids.ts";
import type { QueuedMail } from "../../domain/queued-mail.ts";
import { CREDENTIAL_KINDS, type MailKind } from "../../domain/vocabulary.ts";
import type { Client } from "../input.ts";

/** The longest wait before a mail is first due, in milliseconds. */
const MAX_WAIT_MS = 2_000;

/** What a waiting mail says besides its proof. It holds no secret. */
export interface MailData {
  /** The language of the reader, as a BCP 47 tag of any origin. Null: unknown. */
  readonly locale: string | null;
  /** Who asked. Null: an operator, or the application. */
  readonly client: Pick<Client, "ip" | "userAgent" | "requestId"> | null;
  /** The user whom a notice tells. A mail with a proof finds its user by the proof. */
  readonly userId?: UserId | undefined;
  /** The budget of the address is used up: the mail goes out only if no earlier link works. */
  readonly isOverBudget?: boolean | undefined;
  readonly factor?: FactorChange | undefined;
  readonly reclaimed?: boolean | undefined;
  readonly isLast?: boolean | undefined;
}

interface MailDraft {
  readonly kind: MailKind;
  /** The address, as it was typed. */
  readonly recipient: string;
  readonly proofId: ProofId | null;
  readonly data: MailData;
}

/**
 * Makes a mail that waits. It is first due after a random time: what the postman does for a known address must not follow
 * the answer of the request. Where the application itself starts deliveries, it is due at once.
 */
export function mailRow(ctx: Context, { data, ...draft }: MailDraft): QueuedMail {
  const createdAt = ctx.clock.now();
  const isManual = ctx.mail?.settings.delivery === "manual";
  return {
    ...draft,
    id: ctx.newId<MailId>(createdAt),
    audience: ctx.settings.audience,
    data: JSON.stringify(storedData(data)),
    attempts: 0,
    lease: null,
    dueAt: isManual ? createdAt : addMs(createdAt, randomInt(MAX_WAIT_MS + 1)),
    deadAt: null,
    createdAt,
  };
}

/** A client may also hold functions. Only its texts are stored. */
function storedData({ client, ...data }: MailData): MailData {
  if (!client) return { ...data, client };
  const { ip, userAgent, requestId } = client;
  return { ...data, client: { ip, userAgent, requestId } };
}

const text = z.lazy(() => z.nullable(z.string()));

const stored = z.lazy(() =>
  z.object({
    locale: lenient(text, null),
    client: lenient(z.nullable(z.object({ ip: text, userAgent: text, requestId: text })), null),
    userId: z.optional(z.string()),
    isOverBudget: lenient(z.optional(z.boolean()), undefined),
    factor: z.optional(
      z.object({ kind: z.enum(CREDENTIAL_KINDS), change: z.enum(["added", "removed", "replaced"]) }),
    ),
    reclaimed: lenient(z.optional(z.boolean()), undefined),
    isLast: lenient(z.optional(z.boolean()), undefined),
  }),
);

/** What another release may have stored in another form. */
function lenient<T>(schema: z.ZodMiniType<T>, otherwise: T): z.ZodMiniType<T> {
  return reading(z.optional(z.unknown()), (value): T => {
    const read = schema.safeParse(value);
    return read.success ? read.data : otherwise;
  });
}

/** Reads what `mailRow` stored. Another release may have stored more. Throws for what is no such data. */
export function readMailData({ data }: Pick<QueuedMail, "data">): MailData {
  return z.parse(stored, JSON.parse(data)) as MailData;
}
