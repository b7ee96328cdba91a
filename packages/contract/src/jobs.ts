/** A background job, run on a schedule or when an admin starts it. */
export interface Job {
  readonly id: string;
  /** Display name. */
  readonly name: string;
  /** What it does, as a sentence. */
  readonly description: string;
  /** Minutes, hours, day, month, weekday, in the time zone of the stage. */
  readonly cron: string;
  /** Its function, by the name of the file under functions/. */
  readonly runs: `jobs/${string}`;
}

/** All jobs. The schedules, the endpoints of the scheduler and the permissions to start a job are derived from this list. */
export const jobs = [
  {
    id: "daily_health_scores",
    name: "Calculate daily health scores",
    description: "Scores every customer that is not churned.",
    cron: "0 0 * * *",
    runs: "jobs/health",
  },
  {
    id: "contract_expiry_check",
    name: "Check contract expiry alerts",
    description: "Opens, updates and resolves alerts about contracts that end within 90 days.",
    cron: "0 8 * * *",
    runs: "jobs/contract-expiry",
  },
  {
    id: "license_expiry_check",
    name: "Check license expiry alerts",
    description: "Opens, updates and resolves alerts about licenses in use that end within 30 days.",
    cron: "30 8 * * *",
    runs: "jobs/license-expiry",
  },
  {
    id: "inactivity_check",
    name: "Check customer inactivity alerts",
    description: "Opens, updates and resolves alerts about customers without a contact for 30 days.",
    cron: "0 9 * * *",
    runs: "jobs/inactivity",
  },
  {
    id: "renewals",
    name: "Follow renewals",
    description:
      "Makes renewals of terms that end within 180 days, has departures that were announced take effect, and keeps the week's forecast.",
    cron: "30 9 * * *",
    runs: "jobs/renewals",
  },
  {
    id: "survey_reminders",
    name: "Remind of surveys",
    description: "Reminds everybody who was mailed a survey five days ago and has not answered, once.",
    cron: "50 * * * *",
    runs: "jobs/survey-reminders",
  },
  {
    id: "scheduled_reports",
    name: "Generate and send due reports",
    description: "Generates reports that are due and mails them, and tries again what has failed.",
    cron: "0 * * * *",
    runs: "jobs/scheduled-reports",
  },
  {
    id: "directory_snapshot",
    name: "Take snapshots of the directory",
    description:
      "Packs customers and open alerts anew when many have changed, so that new functions start quickly.",
    // After the daily scores, which change every customer, and beside no other job.
    cron: "20 * * * *",
    runs: "jobs/directory-snapshot",
  },
  {
    id: "counters_rebuild",
    name: "Compare the counters with what they count",
    description:
      "Counts everything anew and names what has drifted. Sets it right when npm run rollups:rebuild -- --write asks for it.",
    cron: "40 3 * * SUN",
    runs: "jobs/counters-rebuild",
  },
  {
    id: "system_watch",
    name: "Watch jobs and stream",
    description:
      "Measures how far the counters are behind, and which jobs have not run when they should have.",
    cron: "5,20,35,50 * * * *",
    runs: "jobs/system-watch",
  },
] as const satisfies readonly Job[];

/** Jobs that a command or a wish of an admin starts. They have no schedule, and the scheduler knows nothing of them. */
export const commandJobs = [
  { id: "migrations", name: "Migrate data", runs: "jobs/migrations" },
  { id: "personal_data", name: "Export and erase personal data", runs: "jobs/personal-data" },
  { id: "score_backtests", name: "Back-test health scores", runs: "jobs/score-backtests" },
] as const satisfies readonly Pick<Job, "id" | "name" | "runs">[];

type AnyJob = (typeof jobs)[number] | (typeof commandJobs)[number];
export type JobId = AnyJob["id"];
export type JobFunction = AnyJob["runs"];

/** The functions of all jobs that are scheduled. */
export const jobFunctions: readonly JobFunction[] = jobs.map(({ runs }) => runs);

/** The job with an id, if there is one. */
export const findJob = (id: string): (typeof jobs)[number] | undefined => jobs.find((job) => job.id === id);

/**
 * The environment variable that tells a function where to start a job's function: `jobs/contract-expiry` →
 * `CONTRACT_EXPIRY_JOB_FUNCTION`.
 */
export const jobFunctionVariable = (runs: JobFunction) =>
  `${runs.replace("jobs/", "").replaceAll("-", "_").toUpperCase()}_JOB_FUNCTION`;
