export { InteractionEntity, type StoredInteraction } from "./entity.ts";
