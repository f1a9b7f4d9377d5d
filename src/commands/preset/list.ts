import { join, resolve } from 'node:path'
import { loadConfig } from '../../config/load.ts'
import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext, CommandFunction, NoFlags } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { nameOf } from '../../kube/api.ts'
import { table } from '../../lib/table.ts'
import { nearest } from '../../lib/text.ts'
import type { RenderedObject } from '../../manifests/rendered.ts'
import { builtInNames, type Preset, readBuiltIn, readPreset } from '../../presets/folder.ts'
import { readManifests } from '../../presets/manifests.ts'
import { imagesOf } from '../../presets/render.ts'
import { choosePresets } from '../../presets/resolve.ts'
import { renderSource } from '../../presets/sourced/render.ts'
import { runNothing } from '../../project/consent.ts'
import { findRecord } from '../../project/open.ts'
import { requireAgreedPaths } from '../../project/outside-consent.ts'
import { writeJson, writeText } from '../../terminal/output.ts'

/** `devk preset list`: lists the presets that come with devk and those of the current project, with their state. */
export const runPresetList: CommandFunction<NoFlags> = async (ctx) => {
  const library = join(ctx.packageRoot, 'presets')
  const builtIn = await readBuiltIn(library, await builtInNames(library))
  const own = (await projectIfReadable(ctx))?.chosen.filter((preset) => !preset.builtIn) ?? []
  const record = (await findRecord(ctx))?.presets ?? []
  const known = new Set([...builtIn, ...own].map(({ name }) => name))
  const others = record
    .filter(({ name }) => !known.has(name))
    .map(({ name, version }) => ({ name, version, description: 'Preset of this project', profiles: [], needs: [] }))
  const presets = [...builtIn, ...own, ...others]
  const installed = new Map(record.map(({ name, state }) => [name, state]))
  if (ctx.json) {
    const report = presets.map(({ name, version, description, profiles, needs }) => ({
      name,
      version,
      description,
      profiles,
      needs,
      state: installed.get(name) ?? null,
    }))
    await writeJson(ctx.stdout, report)
    return 0
  }
  const headings = [{ title: 'PRESET' }, { title: 'VERSION' }, { title: 'STATE' }, { title: 'SET', optional: true }]
  const rows = presets.map(({ name, version, profiles, description }) => ({
    cells: [name, version, installed.get(name) ?? '', profiles[0] ?? '', description],
  }))
  const lines = table([...headings, { title: 'DESCRIPTION', flexible: true }], rows, ctx.columns, (text) => text)
  await writeText(ctx.stdout, `${lines.join('\n')}\n`)
  return 0
}

/** `devk preset show NAME`: shows what a preset installs. Throws what `findPreset` throws. */
export const runPresetShow: CommandFunction<NoFlags> = async (ctx, [word = '']) => {
  const preset = await findPreset(ctx, word)
  const manifests = await manifestsOf(ctx, preset)
  const objects = manifests?.map(({ object }) => nameOf(object)) ?? []
  const { folder: _, builtIn: __, from, ...spec } = preset
  const images =
    from === undefined ? preset.images : imagesOf(manifests ?? []).map((image) => ({ image, available: true }))
  if (ctx.json) {
    await writeJson(ctx.stdout, { ...spec, images, objects })
    return 0
  }
  const { resources, urls, needs, profiles } = preset
  const facts: [string, string[]][] = [
    ['', [`${preset.name} ${preset.version}  ${preset.description}`]],
    ['namespace', [preset.namespace]],
    ['needs', needs],
    ['sets', profiles],
    ['requests', resources === undefined ? [] : [`cpu ${resources.cpu}  memory ${resources.memory}`]],
    ['images', images.flatMap(imageLines)],
    ['urls', urls.map(({ host, forward, path }) => (host === undefined ? `port ${forward}` : `http://${host}${path}`))],
    ['objects', manifests === undefined ? ['devk plan shows them'] : objects],
  ]
  const lines = facts.flatMap(([title, values]) =>
    values.map((value, i) => (title === '' ? value : `  ${(i === 0 ? title : '').padEnd(11)}${value}`)),
  )
  await writeText(ctx.stdout, `${lines.join('\n')}\n`)
  return 0
}

/**
 * `devk preset outdated`: lists the installed presets whose version differs from the one in devk. Returns 1 if there
 * are any.
 */
export const runPresetOutdated: CommandFunction<NoFlags> = async (ctx) => {
  const record = await findRecord(ctx)
  const library = join(ctx.packageRoot, 'presets')
  const presets = await readBuiltIn(library, await builtInNames(library))
  const own = (await projectIfReadable(ctx))?.chosen.filter(({ from }) => from !== undefined) ?? []
  const versions = new Map([...presets, ...own].map(({ name, version }) => [name, version]))
  const found = (record?.presets ?? []).flatMap(({ name, version: installed }) => {
    const offered = versions.get(name)
    return offered === undefined ? [] : [{ name, installed, offered }]
  })
  const old = found.filter(({ installed, offered }) => installed !== offered)
  if (ctx.json) await writeJson(ctx.stdout, old)
  else {
    const lines = old.map(({ name, installed, offered }) => `${name}  ${installed} → ${offered}`)
    await writeText(ctx.stdout, `${lines.join('\n') || 'All installed presets are up to date'}\n`)
  }
  return old.length === 0 ? 0 : 1
}

/**
 * A preset by its name or the path of its folder. Throws USAGE for an unknown name, CONFIG_INVALID for an invalid
 * folder.
 */
export async function findPreset(ctx: CliContext, word: string): Promise<Preset> {
  if (word.includes('/')) return readPreset(resolve(ctx.cwd, word))
  const library = join(ctx.packageRoot, 'presets')
  const names = await builtInNames(library)
  const [builtIn] = await readBuiltIn(library, names.includes(word) ? [word] : [])
  if (builtIn !== undefined) return builtIn
  const own = (await projectIfReadable(ctx))?.chosen.find(({ name }) => name === word)
  if (own !== undefined) return own
  const near = nearest(word, names)
  throw new DevkError('USAGE', `There is no preset "${word}"`, {
    hint: near === undefined ? `Presets: ${names.join(', ')}.` : `Did you mean "${near}"?`,
  })
}

/** A project as far as it can be read without running anything of it. */
interface ReadProject {
  readonly config: LoadedConfig
  readonly chosen: readonly Preset[]
}

/** The project around; undefined if there is none, if it is not valid, or if its configuration is code. */
async function projectIfReadable(ctx: CliContext): Promise<ReadProject | undefined> {
  const library = join(ctx.packageRoot, 'presets')
  try {
    const config = await loadConfig({ cwd: ctx.cwd, file: ctx.configFile, env: ctx.env, agree: runNothing })
    return { config, chosen: await choosePresets(config, library) }
  } catch (error) {
    if (error instanceof DevkError) return undefined
    throw error
  }
}

/** The manifests of a preset; undefined if a program would have to render them, which only `plan` and `up` do. */
async function manifestsOf(ctx: CliContext, preset: Preset): Promise<readonly RenderedObject[] | undefined> {
  if (preset.from === undefined) return (await readManifests([preset])).get(preset.name) ?? []
  const project = await projectIfReadable(ctx)
  if (project !== undefined) await requireAgreedPaths(ctx, project.config)
  const refuse = async () => {
    throw new RunsNothing()
  }
  const { charts } = ctx.paths
  const deps = { charts, root: preset.folder, kubectl: refuse, capabilities: refuse, agreeToFetch: refuse }
  const runner = { run: refuse, spawn: ctx.runner.spawn }
  try {
    return await renderSource(preset, { ...deps, runner }, ctx.signal)
  } catch (error) {
    if (error instanceof RunsNothing || (error instanceof DevkError && error.code === 'CHART_MISSING')) return undefined
    throw error
  }
}

/** Thrown in place of running a program, and caught by the one who forbids it. */
class RunsNothing extends Error {}

function imageLines({ image, digest, kit, available, reason }: Preset['images'][number]): string[] {
  const notes = [
    digest ?? '',
    kit === undefined ? '' : `the kit builds ${kit}`,
    available ? '' : `only from a registry: ${reason}`,
  ]
  return [image, ...notes.filter((note) => note !== '').map((note) => `  ${note}`)]
}
