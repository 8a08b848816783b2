import { withUser } from "@/lib/stage";

export const GET = withUser((me) => Response.json({ userId: me.userId }));
export const POST = GET;
