import * as z from "zod";
import type {
  EventsPageInput,
  LoginInput,
  PasswordChangeInput,
  ReauthenticateInput,
  SignupInput,
} from "../api/results.ts";
import { component, components, described } from "./described.ts";
import { tokenField } from "./token-fields.ts";

// The input of the contract, for the OpenAPI document alone: the flows check it.

const password = z.string().min(1).max(1024);

const credentialsShape = { email: z.string().max(254).meta({ format: "idn-email" }), password };

export const credentialsInput: z.ZodType<unknown, SignupInput> = component<SignupInput>()(
  "Credentials",
  z.strictObject(credentialsShape),
);

export const refreshInput: z.ZodType<unknown, { refreshToken: string }> = z
  .strictObject({
    refreshToken: tokenField("refresh", z.string().max(4096).describe("As the last answer gave it")),
  })
  .register(components, { id: "RefreshRequest" });

export const reauthenticateInput: z.ZodType<unknown, ReauthenticateInput> = component<ReauthenticateInput>()(
  "ReauthenticateRequest",
  z.strictObject({ password }),
);

export const passwordChangeInput: z.ZodType<unknown, PasswordChangeInput> = component<PasswordChangeInput>()(
  "PasswordChangeRequest",
  z.strictObject({ currentPassword: password, newPassword: password }),
);

const knownDevice = z.string().optional().describe("Of an earlier sign-in to this account on this device");

export const loginInput: z.ZodType<unknown, LoginInput> = component<LoginInput>()(
  "LoginRequest",
  z.strictObject({ ...credentialsShape, deviceToken: tokenField("device", knownDevice) }),
);

export const eventsQuery: z.ZodObject = described<EventsPageInput>()(
  z.strictObject({
    limit: z.int().min(1).max(100).default(20).describe("Events on a page"),
    cursor: z.uuid().optional().describe("nextCursor of the page before"),
  }),
);
