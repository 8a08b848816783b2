import { routes } from "@/lib/stage";

export const { GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE } = routes;
