import { askPart } from "./asked.ts";

askPart(2);
