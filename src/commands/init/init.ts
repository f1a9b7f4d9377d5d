import { access, realpath, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { checkConfig } from '../../config/check.ts'
import { codeOf } from '../../config/code.ts'
import { findConfigFile } from '../../config/find.ts'
import { sourceMap } from '../../config/positions.ts'
import type { ConfigInput } from '../../config/schema.ts'
import type { CliContext, CommandFunction, NoFlags } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { toolPath } from '../../host/tools.ts'
import { renderManifests } from '../../manifests/render.ts'
import { noRegistry } from '../../platform/image-route.ts'
import { builtInNames } from '../../presets/folder.ts'
import { libraryOf, projectOf } from '../../project/load.ts'
import { allow } from '../../state/allowed.ts'
import { confirm } from '../../terminal/confirm.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { manifestsOf } from '../../up/manifests.ts'
import { prepare } from '../../up/prepare.ts'
import { chooseDeploy } from './deploy.ts'
import { type Proposal, propose } from './propose.ts'
import { scan } from './scan.ts'
import { configText } from './text.ts'

const fileName = 'platform.config.ts'

/**
 * `devk init`: reads the repository and writes a configuration, which devk may then run. It runs no code of the
 * repository, never overwrites a configuration, and writes none that is invalid or whose manifests cannot be rendered.
 * Throws USAGE if the folder has a configuration,
 * CONFIG_NOT_FOUND if it has no manifests.
 */
export const runInit: CommandFunction<NoFlags> = async (ctx) => {
  const file = join(ctx.cwd, fileName)
  await requireNone(ctx.cwd)
  const kubectl = await kubectlOf(ctx)
  const { config, notes } = await proposal(ctx, kubectl)
  const text = configText(config, notes)
  const report = { file, config, notes }
  if (ctx.isTTY && !ctx.yes && !ctx.json) {
    await writeText(ctx.stderr, `${text}\n`)
    if (!(await confirm(ctx, `Write this to ${fileName}?`))) return 0
  }
  await requireDeployable(ctx, { written: config, file, text }, kubectl)
  await writeFile(file, text, { flag: 'wx' })
  await allow(ctx.paths.allowed, await codeOf(await realpath(file)))
  if (ctx.json) await writeJson(ctx.stdout, report)
  else await writeText(ctx.stderr, doneText({ config, notes }))
  return 0
}

/** Throws what is wrong with a configuration that is not written yet, without running its text. */
async function requireDeployable(
  ctx: CliContext,
  { written, file, text }: { readonly written: ConfigInput; readonly file: string; readonly text: string },
  kubectl: string,
): Promise<void> {
  const presets = await builtInNames(libraryOf(ctx))
  const how = { file, shown: fileName, map: sourceMap(file, text), profile: undefined, env: ctx.env, presets }
  const { config } = await projectOf(ctx, checkConfig(written, how))
  const place = { kube: undefined, kubectl, presets: Promise.resolve(new Map()) }
  const manifests = manifestsOf(ctx, config, place, ctx.signal)
  await prepare(ctx, { config, kube: undefined, manifests, prefix: noRegistry, only: undefined }, ctx.signal)
}

/** Throws USAGE if this folder has a configuration. One in a folder above belongs to another project. */
async function requireNone(cwd: string): Promise<void> {
  const found = await findConfigFile(cwd)
  const own = found !== undefined && resolve(found, '..') === resolve(cwd)
  const blocked =
    own ||
    (await access(join(cwd, fileName)).then(
      () => true,
      () => false,
    ))
  if (!blocked) return
  throw new DevkError('USAGE', `This folder already has a configuration: ${basename(found ?? fileName)}`, {
    details: ['Nothing was changed.'],
    hint: 'devk plan shows what it deploys. Delete the file to let devk init write a new one.',
  })
}

async function kubectlOf({ env, paths, runner, signal }: CliContext): Promise<string> {
  return toolPath('kubectl', { runner, bin: paths.bin, path: env.PATH ?? '', signal })
}

async function proposal(ctx: CliContext, kubectl: string): Promise<Proposal> {
  const found = await scan(ctx.cwd)
  const chosen = chooseDeploy(found)
  if (chosen === undefined) {
    throw new DevkError('CONFIG_NOT_FOUND', `No Kubernetes manifests found in ${ctx.cwd}`, {
      details: ['devk init looks for kustomizations, Helm charts and plain manifests, up to seven folders deep.'],
      hint: 'Run devk init in the folder of the project. If it has no manifests yet, write those of production first.',
    })
  }
  const rendered = await renderManifests(
    { name: projectName(ctx.cwd), cluster: {}, root: ctx.cwd, deploy: absolute(chosen.deploy, ctx.cwd) },
    { runner: ctx.runner, kubectl, charts: ctx.paths.charts },
    ctx.signal,
  )
  const objects = rendered.map(({ object }) => object)
  const { config, notes } = propose(projectName(ctx.cwd), found, chosen.deploy, objects)
  return { config, notes: [...notes, ...chosen.notes] }
}

function absolute(
  deploy: NonNullable<ConfigInput['deploy']>,
  root: string,
): Parameters<typeof renderManifests>[0]['deploy'] {
  const paths = (value: string | string[] | undefined) => [value ?? []].flat().map((path) => resolve(root, path))
  const helm = (deploy.helm ?? []).map(({ name, chart }) => ({
    name,
    chart: resolve(root, chart),
    namespace: undefined,
    values: [],
    set: {},
  }))
  return { manifests: paths(deploy.manifests), kustomize: paths(deploy.kustomize), helm, overlays: {}, images: [] }
}

function projectName(cwd: string): string {
  const plain = basename(resolve(cwd))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
  return plain.slice(0, 40).replace(/^-+|-+$/g, '') || 'project'
}

function doneText({ config, notes }: Proposal): string {
  const services = Object.entries(config.services ?? {}).map(([name, { build, workload, image }]) => {
    const what =
      build === undefined ? String(workload) : `built from ${build.context}${build.target ? ` (${build.target})` : ''}`
    return `  ${name}  ${what}${image === undefined ? '' : `, image ${image}`}`
  })
  const open = notes.map((note) => `! ${note}`)
  const end = ['Next: devk plan shows what it would deploy, devk up brings it up.', '']
  return [`✔ Wrote ${fileName}`, ...services, ...(open.length > 0 ? ['', ...open] : []), '', ...end].join('\n')
}
