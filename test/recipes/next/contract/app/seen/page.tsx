import { visitor } from "@/lib/stage";

async function Name() {
  return <b>{(await visitor())?.userId ?? "a stranger"}</b>;
}

export default async function Seen() {
  const me = await visitor();
  return (
    <p>
      {me?.userId ?? "a stranger"} <Name /> <Name />
    </p>
  );
}
