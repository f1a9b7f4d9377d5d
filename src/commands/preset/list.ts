import { join, resolve } from 'node:path'
import { cluster as clusterSchema } from '../../config/schema-cluster.ts'
import type { CliContext, CommandFunction, NoFlags } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { nameOf } from '../../kube/api.ts'
import { table } from '../../lib/table.ts'
import { nearest } from '../../lib/text.ts'
import { builtInNames, type Preset, readBuiltIn, readPreset } from '../../presets/folder.ts'
import { imagesOf } from '../../presets/render.ts'
import { type LoadedProject, loadProject } from '../../project/load.ts'
import { findRecord } from '../../project/open.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { presetReader } from '../../up/presets/read.ts'

/** `devk preset list`: lists the presets that come with devk and those of the current project, with their state. */
export const runPresetList: CommandFunction<NoFlags> = async (ctx) => {
  const library = join(ctx.packageRoot, 'presets')
  const builtIn = await readBuiltIn(library, await builtInNames(library))
  const own = (await projectIfReadable(ctx))?.chosen.filter((preset) => !preset.builtIn) ?? []
  const presets = [...builtIn, ...own]
  const installed = new Map((await findRecord(ctx))?.presets.map(({ name, state }) => [name, state]))
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
  const place = { root: preset.folder, cluster: (await projectIfReadable(ctx))?.config.cluster ?? defaultCluster }
  const read = presetReader(ctx, { config: place, chosen: [preset], kube: undefined }, ctx.signal)
  const manifests = (await read()).get(preset.name) ?? []
  const objects = manifests.map(({ object }) => nameOf(object))
  const { folder: _, builtIn: __, from, ...spec } = preset
  const images = from === undefined ? preset.images : imagesOf(manifests).map((image) => ({ image, available: true }))
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
    ['objects', objects],
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

const defaultCluster = clusterSchema.parse({})

/** The project around; undefined if there is none, or if it cannot be read without a question. */
async function projectIfReadable(ctx: CliContext): Promise<LoadedProject | undefined> {
  try {
    return await loadProject({ ...ctx, yes: false }, { mayAsk: false })
  } catch (error) {
    if (error instanceof DevkError) return undefined
    throw error
  }
}

function imageLines({ image, digest, kit, available, reason }: Preset['images'][number]): string[] {
  const notes = [
    digest ?? '',
    kit === undefined ? '' : `the kit builds ${kit}`,
    available ? '' : `only from a registry: ${reason}`,
  ]
  return [image, ...notes.filter((note) => note !== '').map((note) => `  ${note}`)]
}
