export { type StoredSurvey, SurveyEntity } from "./entity.ts";
export { averageScore, netPromoterScore } from "./satisfaction.ts";
