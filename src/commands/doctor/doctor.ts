import { configuredPorts } from '../../cluster/spec.ts'
import { loadConfig } from '../../config/load.ts'
import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext, CommandFunction } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { findings } from '../../host/checks.ts'
import type { HostFacts } from '../../host/facts.ts'
import type { Finding } from '../../host/finding.ts'
import { applyFixes, type FixOutcome } from '../../host/fix.ts'
import { policyCheck } from '../../host/policy-check.ts'
import { portOwners } from '../../host/port-owner.ts'
import { readFacts } from '../../host/read-facts.ts'
import { registryAnswers } from '../../host/registry-reach.ts'
import { bringUpEngine, userId } from '../../platform/engine.ts'
import { runNothing } from '../../project/consent.ts'
import { findRecord, openProject } from '../../project/open.ts'
import { confirm } from '../../terminal/confirm.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { probePolicies } from './policy-probe.ts'
import { findingLines } from './text.ts'

/** Flags of `devk doctor`. */
export interface DoctorFlags {
  /** Fix what devk can fix. */
  readonly fix: boolean
  /** Also test on the running cluster whether network policies are enforced. */
  readonly networkPolicies: boolean
}

/**
 * `devk doctor`: checks whether local clusters can work on this machine. With --fix it fixes what it can; with
 * --network-policies it also tests the running cluster. Returns 1 if a check fails. Throws USAGE if --fix cannot ask
 * the user.
 */
export const runDoctor: CommandFunction<DoctorFlags> = async (ctx, _args, flags) => {
  let facts = await examine(ctx)
  if (flags.fix) {
    if (!ctx.yes && !ctx.isTTY) {
      throw new DevkError('USAGE', 'devk doctor --fix needs your permission, and there is no terminal to ask for it', {
        hint: 'Pass --yes to allow the changes.',
      })
    }
    for (const outcome of await fix(ctx, facts)) say(ctx, outcomeText(outcome))
    facts = await examine(ctx)
  }
  const found = [...findings(facts), ...(flags.networkPolicies ? [await testPolicies(ctx)] : [])]
  if (ctx.json) await writeJson(ctx.stdout, { findings: found })
  else await writeText(ctx.stdout, `${findingLines(found, ctx).join('\n')}\n`)
  return found.some(({ level }) => level === 'fail') ? 1 : 0
}

/** What the checks find, without a test of the cluster. They change nothing and run no code of the project. */
export async function examined(ctx: CliContext): Promise<Finding[]> {
  return findings(await examine(ctx))
}

/** Tests the running cluster of the project. Throws CLUSTER_MISSING if there is none. */
async function testPolicies(ctx: CliContext): Promise<Finding> {
  const { kube, streams, record } = await openProject(ctx)
  return policyCheck(await probePolicies({ kube, streams }, ctx.signal), record.cluster.context)
}

async function examine(ctx: CliContext): Promise<HostFacts> {
  const config = await writtenConfig(ctx)
  return readFacts({
    runner: ctx.runner,
    env: ctx.env,
    platform: process.platform,
    uid: userId(),
    engine: () => ctx.engine().images.info(ctx.signal),
    registry: (signal) => registryAnswers(signal),
    ports: await mappedPorts(ctx, config),
    chart: config === 'code' ? undefined : chartIn(config),
    portOwner: portOwners(ctx.runner, process.platform),
    signal: ctx.signal,
  })
}

/** A configuration that is data; `code` for one that is code, which `doctor` does not run. */
async function writtenConfig({ cwd, configFile, env }: CliContext): Promise<LoadedConfig | 'code' | undefined> {
  try {
    return await loadConfig({ cwd, file: configFile, profile: undefined, env, agree: runNothing })
  } catch (error) {
    if (!(error instanceof DevkError)) throw error
    return error.code === 'CONFIG_UNTRUSTED' ? 'code' : undefined
  }
}

/**
 * Ports of this machine that the project maps, from its configuration or from the record of the last `up`. [] if there
 * is no valid configuration; undefined if only code knows them. Ports that a container publishes are left out: usually
 * the cluster is up, and otherwise `up` names the container.
 */
async function mappedPorts(
  ctx: CliContext,
  config: LoadedConfig | 'code' | undefined,
): Promise<readonly number[] | undefined> {
  if (config === undefined) return []
  const mapped = config === 'code' ? (await findRecord(ctx))?.ports : configuredPorts(config).map(({ host }) => host)
  const published = mapped === undefined || mapped.length === 0 ? new Set() : await publishedPorts(ctx)
  return mapped?.filter((port) => !published.has(port))
}

/** The first chart of a configuration, as messages name it. */
function chartIn(config: LoadedConfig | undefined): string | undefined {
  const [release] = config?.deploy.helm ?? []
  if (release !== undefined) return `the release ${release.name}`
  const preset = config?.presets.find((entry) => typeof entry !== 'string' && entry.chart !== undefined)
  return typeof preset === 'object' ? `the preset ${preset.name}` : undefined
}

async function publishedPorts({ engine, signal }: CliContext): Promise<Set<number>> {
  try {
    const containers = await engine().containers.list([], signal)
    const running = containers.filter(({ state }) => state === 'running')
    return new Set(running.flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort)))
  } catch (error) {
    if (error instanceof DevkError && error.code === 'ENGINE_UNAVAILABLE') return new Set()
    throw error
  }
}

/** Fixes the kernel limits first: an engine that is already running passes the old limits on to its nodes. */
async function fix(ctx: CliContext, facts: HostFacts): Promise<FixOutcome[]> {
  const found = findings(facts)
  const order = [...found.filter(({ id }) => id !== 'engine'), ...found.filter(({ id }) => id === 'engine')]
  return applyFixes(order, {
    runner: ctx.runner,
    root: facts.root,
    agree: (question) => confirm(ctx, question),
    engine: async () => {
      if (facts.engine.state === 'silent') await bringUpEngine(ctx, facts.engine, (line) => say(ctx, line))
    },
    signal: ctx.signal,
  })
}

function say(ctx: CliContext, line: string): void {
  if (!ctx.json) ctx.stderr.write(`  ${line}\n`)
}

const outcomes: Readonly<Record<FixOutcome['outcome'], string>> = {
  done: 'fixed',
  declined: 'not fixed',
  refused: 'failed',
  'by hand': 'fix it yourself',
}

function outcomeText({ finding, outcome, detail }: FixOutcome): string {
  return `${finding.title}: ${outcomes[outcome]}  ${detail}`
}
