export * as Outcomes from "./list.ts";
export {
  idOf,
  ledgerRequest,
  type Recording,
  reasonLabel,
  recordingOfCorrection,
  recordingOfNew,
  recordingOfWithdrawal,
  type Subject,
  statusWrites,
} from "./record.ts";
export * as Retention from "./retention.ts";
export {
  beganOn,
  type Fact,
  factOf,
  factsOf,
  isCustomerOn,
  isUndated,
  newestVersions,
  presentSpells,
  type Spell,
  spellsOf,
  standing,
} from "./spells.ts";
