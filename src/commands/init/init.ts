import { realpath, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { codeOf } from '../../config/code.ts'
import { findConfigFile } from '../../config/find.ts'
import type { CliContext, CommandFunction } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { renderingKubectl } from '../../host/tools.ts'
import { analysisOf } from '../../init/analysis.ts'
import { analyze } from '../../init/analyze.ts'
import { type Choices, choicesOf, type Flags } from '../../init/choices.ts'
import { driftOf } from '../../init/drift.ts'
import { builderSentences } from '../../init/propose/builders.ts'
import type { Proposal } from '../../init/propose/propose.ts'
import { proposalText } from '../../init/text.ts'
import { exists } from '../../lib/paths.ts'
import { loadProject } from '../../project/load.ts'
import { openRepository } from '../../readers/open.ts'
import type { Found } from '../../scan/found.ts'
import { scan } from '../../scan/scan.ts'
import { allow } from '../../state/allowed.ts'
import { confirm } from '../../terminal/confirm.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { judged } from './judge.ts'
import { withGenerated, writeManifests } from './new-manifests.ts'
import { answered, asks } from './open.ts'
import { doneText } from './report.ts'

const fileName = 'platform.config.ts'

/** Flags of `devk init`. */
export interface InitFlags extends Flags {
  readonly analyze: boolean
  readonly check: boolean
}

/**
 * `devk init`: reads the repository and writes a configuration, which devk may then run. It runs no code of the
 * repository and never overwrites a configuration. What it does not understand becomes a comment. Throws USAGE if the
 * folder has a configuration and for flags that name nothing, CONFIG_NOT_FOUND if there is nothing to deploy.
 */
export const runInit: CommandFunction<InitFlags> = async (ctx, _args, flags) => {
  if (flags.check) return check(ctx, flags)
  const file = join(ctx.cwd, fileName)
  if (!flags.analyze) await requireNone(ctx.cwd)
  const kubectl = await kubectlOf(ctx)
  const { choices, understood } = await analyzed(ctx, flags, kubectl)
  if (flags.analyze) {
    await writeJson(ctx.stdout, analysisOf(choices.found, understood?.proposal))
    return 0
  }
  const again = async (all: Flags) => (await analyzed(ctx, all, kubectl)).understood
  const decided = understood === undefined ? undefined : await answered(ctx, understood, flags, again)
  const proposal = decided?.proposal ?? (await generated(ctx, choices, kubectl)) ?? nothing(ctx.cwd, choices.found)
  const proposed = await judged(ctx, file, proposal, kubectl)
  const text = proposalText(proposed)
  if (asks(ctx)) {
    await writeText(ctx.stderr, `${text}\n`)
    if (!(await confirm(ctx, `Write this to ${fileName}?`))) return 0
  }
  await write(file, text)
  await allow(ctx.paths.allowed, await codeOf(await realpath(file)))
  const { config, notes, remarks } = proposed
  if (ctx.json) await writeJson(ctx.stdout, { file, config, notes, remarks })
  else await writeText(ctx.stderr, doneText(fileName, proposed))
  return 0
}

/** `devk init --check`: compares the configuration with what init would write now. Runs the configuration. */
async function check(ctx: CliContext, flags: InitFlags): Promise<number> {
  const { config } = await loadProject(ctx, { profile: undefined, overlay: undefined })
  const { choices, understood } = await analyzed(ctx, flags, await kubectlOf(ctx))
  const drift = understood === undefined ? ['There is nothing left to deploy.'] : driftOf(config, understood.proposal)
  const all = [...drift, ...choices.found.notes]
  if (ctx.json) await writeJson(ctx.stdout, { drift: all })
  else {
    const lines =
      all.length === 0 ? ['✔ The configuration uses all that devk init finds.'] : all.map((line) => `! ${line}`)
    await writeText(ctx.stdout, `${lines.join('\n')}\n`)
  }
  return all.length === 0 ? 0 : 1
}

/** Throws USAGE if the folder cannot be written to, or if somebody else was faster. */
async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (cause) {
    throw new DevkError('USAGE', `${fileName} cannot be written: ${(cause as Error).message}`, {
      hint: 'Run devk init in a folder that you may write to.',
      cause,
    })
  }
}

/** Throws USAGE if this folder has a configuration. One in a folder above belongs to another project. */
async function requireNone(cwd: string): Promise<void> {
  const found = await findConfigFile(cwd)
  const own = found !== undefined && resolve(found, '..') === resolve(cwd)
  if (!own && !(await exists(join(cwd, fileName)))) return
  throw new DevkError('USAGE', `This folder already has a configuration: ${basename(found ?? fileName)}`, {
    details: ['Nothing was changed.'],
    hint: 'devk plan shows what it deploys. Delete the file to let devk init write a new one.',
  })
}

/** devk's kubectl; before it has one, any kubectl will do to render kustomizations. */
async function kubectlOf({ env, paths, runner, signal }: CliContext): Promise<string> {
  return renderingKubectl({ runner, bin: paths.bin, path: env.PATH ?? '', signal })
}

async function analyzed(ctx: CliContext, flags: Flags, kubectl: string) {
  await requireProject(ctx)
  const choices = await choicesOf(ctx.cwd, await scan(ctx.cwd), flags)
  const { runner, signal, paths } = ctx
  const deps = { runner, kubectl, charts: paths.charts }
  const understood = await analyze(choices, { root: ctx.cwd, name: projectName(ctx.cwd), deps, signal })
  return { choices, understood }
}

/** A repository with a Compose file or Dockerfiles alone gets manifests; undefined if it has neither. */
async function generated(ctx: CliContext, { found, from }: Choices, kubectl: string): Promise<Proposal | undefined> {
  const made = await writeManifests(ctx, found, projectName(ctx.cwd))
  if (made === undefined) return undefined
  const { understood } = await analyzed(ctx, { from, image: made.images ?? [] }, kubectl)
  return understood === undefined ? undefined : withGenerated(understood.proposal, made)
}

function nothing(cwd: string, { dockerfiles, files: all, notes }: Found): never {
  const files = dockerfiles.slice(0, 5).map(({ file }) => file)
  throw new DevkError('CONFIG_NOT_FOUND', `No Kubernetes manifests found in ${cwd}`, {
    details: [
      'devk init looks for kustomizations, Helm charts and plain manifests, up to seven folders deep.',
      ...(files.length > 0 ? [`It found ${files.join(', ')}.`] : []),
      ...builderSentences(openRepository(cwd, all)),
      ...notes,
    ],
    hint: 'Run devk init in the folder of the project. If it has no manifests yet, write those of production first.',
  })
}

/** Throws USAGE in a home folder and at the top of the file system: they hold many projects. */
async function requireProject({ cwd, env }: CliContext): Promise<void> {
  const here = await realpath(cwd)
  const home = env.HOME === undefined ? undefined : await realpath(env.HOME).catch(() => undefined)
  if (here !== home && here !== '/') return
  throw new DevkError(
    'USAGE',
    `${cwd} is ${here === '/' ? 'the top of the file system' : 'your home folder'}, not a project`,
    {
      details: ['Nothing was read.'],
      hint: 'Run devk init in the folder of a repository.',
    },
  )
}

function projectName(cwd: string): string {
  const plain = basename(resolve(cwd))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
  return plain.slice(0, 40).replace(/^-+|-+$/g, '') || 'project'
}
