export { countLogin, countSurveyCall } from "./limits.ts";
