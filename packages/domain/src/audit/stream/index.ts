export { audit } from "../append.ts";
