import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import manifest from "../../package.json" with { type: "json" };

const root = fileURLToPath(new URL("../..", import.meta.url));

const Step = z.object({
  name: z.string().optional(),
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
});
type Step = z.infer<typeof Step>;

const Concurrency = z.object({ group: z.string(), "cancel-in-progress": z.union([z.boolean(), z.string()]) });
const Job = z.object({
  if: z.string().optional(),
  needs: z.string().optional(),
  uses: z.string().optional(),
  permissions: z.record(z.string(), z.string()),
  concurrency: Concurrency.optional(),
  environment: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  steps: z.array(Step).default([]),
});
type Job = z.infer<typeof Job>;
const Workflow = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), Job),
});

const files = globSync(".github/workflows/*.yml", { cwd: root });
const sources = files.map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));
const workflows = sources.map(({ file, text }) => ({ file, ...Workflow.parse(parse(text)) }));
const jobsOf = (name: string): Readonly<Record<string, Job>> =>
  workflows.find(({ file }) => file.endsWith(`/${name}.yml`))?.jobs ?? {};
const allJobs = workflows.flatMap(({ jobs }) =>
  Object.entries(jobs).map(([name, job]) => ({ name, ...job })),
);
const allSteps = allJobs.flatMap(({ steps }) => steps);

const deploys = ({ run }: Step) => run?.includes("npm run deploy") ?? false;
const smokes = ({ run }: Step) => run?.includes("npm run smoke") ?? false;

/** `npm run X` in what runs here or there. */
const scriptsIn = (run: string) => [...run.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = ""]) => script);

describe("the workflows of GitHub", () => {
  test("deploy in one place, and test each deployment before anything else that comes of it", () => {
    const deploying = allJobs.filter(({ steps }) => steps.some(deploys));
    expect(deploying.map(({ name }) => name)).toEqual(["deploy"]);
    const steps = deploying[0]?.steps ?? [];
    const next = steps.flatMap((step, index) => (deploys(step) ? [steps[index + 1]] : []));
    expect(next.map((step) => step !== undefined && smokes(step))).toEqual([true, true]);
    const tagged = steps.findIndex(({ run }) => run?.includes("git/refs"));
    expect(tagged).toBeGreaterThan(steps.findIndex(smokes));
  });

  test("migrate before a deployment what comes before, and what comes after once nobody goes back any more", () => {
    const steps = jobsOf("deploy-stage").deploy?.steps ?? [];
    const migrating = steps.filter(({ run }) => run?.includes("npm run migrations"));
    expect(migrating.map(({ run }) => run)).toEqual([
      'npm run migrations -- up --before-deploy --here --stage "$STAGE"',
      'npm run migrations -- up --stage "$STAGE"',
    ]);
    const at = migrating.map((step) => steps.indexOf(step));
    expect(at[0]).toBeLessThan(steps.findIndex(deploys));
    expect(at[1]).toBeGreaterThan(steps.findIndex(({ run }) => run?.includes("git/refs")));
    expect(at[1]).toBeLessThan(steps.findIndex(({ id }) => id === "back"));
    // Neither takes part when it goes back.
    for (const { if: condition } of migrating) expect(condition).toBeUndefined();
  });

  test("go back, when a deployment or its test fails, to the commit that passed last", () => {
    const { deploy } = jobsOf("deploy-stage");
    const back = deploy?.steps.find(({ id }) => id === "back");
    expect(back?.uses).toMatch(/^actions\/checkout@/);
    expect(back?.with.ref).toBe("${{ steps.last.outputs.sha }}");
    for (const id of ["deploy", "smoke"]) expect(back?.if).toContain(`steps.${id}.outcome == 'failure'`);
    const ids = new Set(deploy?.steps.map(({ id }) => id));
    const named = [...JSON.stringify(deploy).matchAll(/steps\.([\w-]+)\./g)].map(([, id]) => id);
    expect(named.filter((id) => !ids.has(id))).toEqual([]);
    const later = deploy?.steps.slice(deploy.steps.indexOf(back as Step)) ?? [];
    expect(later.filter((step) => !step.if?.startsWith("failure() && ")).map(({ name }) => name)).toEqual([]);
  });

  test("move traffic bit by bit, and back at once: alarms that ring would keep a canary from beginning", () => {
    const steps = jobsOf("deploy-stage").deploy?.steps.filter(deploys) ?? [];
    expect(steps.map(({ run }) => run?.includes("--context at-once=true"))).toEqual([false, true]);
  });

  test("bring to prod what is tested, deployed to dev and looked at", () => {
    const jobs = jobsOf("deploy");
    expect(["prod", "diff-prod", "dev"].map((name) => jobs[name]?.needs)).toEqual([
      "diff-prod",
      "dev",
      "test",
    ]);
    for (const stage of ["dev", "prod"]) {
      expect(jobs[stage]).toMatchObject({ uses: "./.github/workflows/deploy-stage.yml", with: { stage } });
      expect(jobs[stage]?.if).toBe("github.event_name == 'push'");
    }
    expect(jobs.prod?.with).not.toHaveProperty("smoke-options");
    for (const command of [".ci/run", "npm run audit"])
      expect(jobs.test?.steps.some(({ run }) => run === command)).toBe(true);
    const { deploy } = jobsOf("deploy-stage");
    // The environment has the reviewers.
    expect(deploy?.environment).toBe("${{ inputs.stage }}");
  });

  test("never deploy a stage twice at once, nor end a deployment halfway", () => {
    const { deploy } = jobsOf("deploy-stage");
    const group = "deploy-stage-${{ inputs.stage }}";
    expect(deploy?.concurrency).toEqual({ group, "cancel-in-progress": false });
  });

  test("sign in to AWS by OIDC alone, with a role from a variable", () => {
    for (const { text } of sources)
      expect(text).not.toMatch(/aws[-_](access[-_]key|secret|session[-_]token)|AKIA|arn:aws/i);
    const signIns = allSteps.filter(({ uses }) => uses?.startsWith("aws-actions/"));
    expect(signIns.length).toBeGreaterThan(0);
    for (const step of signIns) expect(step.with["role-to-assume"]).toMatch(/^\$\{\{ vars\.AWS_\w+ \}\}$/);
  });

  test("have no rights but those that a job names", () => {
    expect(workflows.map(({ permissions }) => permissions)).toEqual(workflows.map(() => ({})));
    const read = { contents: "read" };
    const diff = { ...read, "id-token": "write" };
    const deploy = { contents: "write", "id-token": "write" };
    expect(Object.fromEntries(allJobs.map(({ name, permissions }) => [name, permissions]))).toEqual({
      test: read,
      ...{ "diff-dev": diff, "diff-prod": diff },
      ...{ dev: deploy, prod: deploy, deploy },
    });
  });

  test("leave no token in the checkout, and use actions of known publishers by their major version", () => {
    for (const { uses = "", with: options } of allSteps.filter((step) => step.uses)) {
      expect(uses).toMatch(/^(actions|aws-actions)\/[\w-]+@v\d+$/);
      if (uses.startsWith("actions/checkout@")) expect(options["persist-credentials"]).toBe(false);
    }
  });

  test("put no text of a stranger into a command", () => {
    for (const { run = "" } of allSteps) expect(run).not.toContain("${{");
  });

  test("run scripts that package.json has", () => {
    const scripts = allSteps.flatMap(({ run = "" }) => scriptsIn(run));
    expect(new Set(scripts)).toEqual(new Set(["audit", "synth", "diff", "migrations", "deploy", "smoke"]));
    expect(scripts.filter((script) => !(script in manifest.scripts))).toEqual([]);
  });

  test("are alone in deploying without asking: on a terminal somebody looks at what changes", () => {
    const asks = allSteps.filter(deploys).map(({ run }) => run?.includes("--require-approval never"));
    expect(asks.every(Boolean)).toBe(true);
    expect(JSON.stringify(manifest.scripts)).not.toContain("require-approval");
    expect(readFileSync(join(root, "cdk.json"), "utf8")).not.toMatch(/requireApproval/i);
  });
});
