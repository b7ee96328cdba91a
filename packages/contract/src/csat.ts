import * as z from "zod";
import { created, del, get, post } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { page } from "./paging.ts";
import { SurveyAnalytics, SurveySummary } from "./satisfaction.ts";
import { Invitation, NewSurveyLink, SurveyLink } from "./survey-links.ts";
import { NewSurvey, PublicSurvey, Survey, SurveyAnswer, SurveyFilter } from "./surveys.ts";
import { message } from "./values.ts";

/** Any text: one that is no token of ours is answered like a token that was never given out. */
const token = z.string().meta({ description: "From the link that the customer got" });

export const csat = group("csat", "What customers answer in surveys", {
  list: get("/", {
    summary: "List answers, newest first",
    access: "member",
    query: SurveyFilter,
    returns: page("surveys", Survey),
  }),
  create: post("/", {
    summary: "Record an answer",
    access: "member",
    body: NewSurvey,
    returns: created(Survey),
    errors: [404],
  }),
  analytics: get("/analytics", {
    summary: "Satisfaction over all customers",
    access: "member",
    returns: SurveyAnalytics,
  }),
  createLink: post("/survey-link", {
    summary: "Make a link through which a customer answers once, and mail it when asked to",
    access: "manager",
    body: NewSurveyLink,
    returns: SurveyLink,
    errors: [404],
  }),
  revokeLink: del("/survey-link/{id}", {
    summary: "Revoke a link that nobody has answered",
    access: "manager",
    returns: message,
    errors: [404, 409],
  }),
  publicInfo: get("/public/info/{token}", {
    summary: "What the holder of a link is asked",
    access: "public",
    params: { token },
    returns: Invitation,
    errors: [404, 409, 410, 429],
  }),
  publicSubmit: post("/public/submit/{token}", {
    summary: "Answer through a link, once",
    access: "public",
    params: { token },
    body: SurveyAnswer,
    returns: PublicSurvey,
    errors: [404, 409, 410, 429],
  }),
  summary: get("/customer/{customer_id}/summary", {
    summary: "Satisfaction of a customer",
    access: "member",
    returns: SurveySummary,
    errors: [404],
  }),
  get: get("/{survey_id}", {
    summary: "An answer",
    access: "member",
    returns: Survey,
    errors: [404],
  }),
});
