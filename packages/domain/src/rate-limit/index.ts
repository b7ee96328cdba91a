export { countLogin, countReportCall, countSurveyCall } from "./limits.ts";
