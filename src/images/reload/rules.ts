import { posix } from 'node:path'
import type { ConfigInput } from '../../config/schema.ts'
import { oneOf } from '../../lib/one-of.ts'
import type { ImageFacts } from './image.ts'

/** An entry of `sync`. */
export type Rule = NonNullable<NonNullable<ConfigInput['services']>[string]['sync']>[number]

/** What is at a path of the repository. */
export interface Tree {
  kind(path: string): Promise<'file' | 'folder' | undefined>
  text(path: string): Promise<string>
  /** The names of the folders in a folder. */
  folders(path: string): Promise<readonly string[]>
}

/** Files from which an image installs packages: a change needs a new image. */
const installs = oneOf(
  String.raw`package(-lock)?\.json npm-shrinkwrap\.json yarn\.lock pnpm-(lock|workspace)\.yaml bun\.lockb?
  requirements.*\.(txt|in) Pipfile(\.lock)? (poetry|uv)\.lock pyproject\.toml setup\.(py|cfg) Gemfile(\.lock)?
  composer\.(json|lock) go\.(mod|sum) Cargo\.(toml|lock)`,
)
/** Names of such files, most of them. */
export const installFiles = (
  'package.json package-lock.json yarn.lock pnpm-lock.yaml requirements.txt Pipfile Pipfile.lock pyproject.toml ' +
  'poetry.lock uv.lock Gemfile Gemfile.lock composer.json composer.lock go.mod go.sum'
).split(' ')
/** Folders that an image fills itself, by the file from which it does: those of this machine must not replace them. */
const made = { 'package.json': 'node_modules', 'composer.json': 'vendor' }

/** Sync rules, and the files whose changes make a new image all the same. */
export interface SyncRules {
  readonly sync: Rule[]
  readonly rebuild: string[]
}

/**
 * The rules that bring a changed file where COPY brought it. `context` is the folder that is built, relative to the
 * repository.
 */
export async function syncRules({ copies }: ImageFacts, context: string, tree: Tree): Promise<SyncRules> {
  const found: Rule[] = []
  for (const { sources, to, workdir } of copies) {
    if (to.includes('$') || sources.some((source) => source.includes('$'))) continue
    for (const source of sources) {
      const rule = await ruleFor(source, { to, workdir, several: sources.length > 1 }, context, tree)
      if (rule !== undefined) found.push(rule)
    }
  }
  const sync = found.filter(
    (rule, i) => !found.some((other, j) => i !== j && covers(other, rule) && (!covers(rule, other) || j < i)),
  )
  const rebuild = await Promise.all(sync.map(({ from }) => installedFrom(from, context, tree)))
  return { sync, rebuild: [...new Set(rebuild.flat())] }
}

interface Target {
  readonly to: string
  readonly workdir: string
  readonly several: boolean
}

async function ruleFor(source: string, target: Target, context: string, tree: Tree): Promise<Rule | undefined> {
  const { to, workdir, several } = target
  if (/[*?[\]]/.test(source) || /^[a-z]+:\/\//.test(source)) return undefined
  const from = posix.join(context, source).replace(/\/$/, '')
  const kind = from.startsWith('..') ? undefined : await tree.kind(from)
  if (kind === undefined) return undefined
  const place = posix.resolve(workdir, to)
  if (kind === 'file') {
    const name = posix.basename(from)
    if (installs.test(name) || !isSource(name)) return undefined
    const isFolder = several || /(^|\/)\.?$/.test(to)
    return { from, to: isFolder ? posix.join(place, name) : place }
  }
  // Files at the top of an image belong to its system.
  if (/^\/(etc|usr\/(bin|lib|local\/bin)|bin|lib)?$/.test(place)) return undefined
  const exclude = (await hasWorkspaces(context, tree)) ? ['**/node_modules'] : await madeIn(from, tree)
  return { from, to: place, ...(exclude.length === 0 ? {} : { exclude }) }
}

/** Whether packages lie in folders of the context, each of which may have packages of this machine. */
async function hasWorkspaces(context: string, tree: Tree): Promise<boolean> {
  const at = (file: string) => posix.join(context, file)
  if ((await tree.kind(at('pnpm-workspace.yaml'))) === 'file') return true
  return /"workspaces"\s*:/.test(await tree.text(at('package.json')))
}

async function madeIn(from: string, tree: Tree): Promise<string[]> {
  const there = await Promise.all(
    Object.entries(made).map(async ([file, folder]) =>
      (await tree.kind(posix.join(from, file))) === 'file' ? [folder] : [],
    ),
  )
  return there.flat()
}

function isSource(name: string): boolean {
  return /\.(py|[cm]?[jt]sx?|rb|ru|php|html?|css|s[ac]ss|vue|svelte|erb|ejs|pug|hbs|jinja2?|graphql|exs?)$/.test(name)
}

/** Whether what one rule brings is brought by another one to the same place. */
function covers(other: Rule, rule: Rule): boolean {
  const inner = posix.relative(other.from, rule.from)
  return !inner.startsWith('..') && posix.join(other.to, inner).replace(/\/$/, '') === rule.to
}

/** The files in a synced folder from which packages are installed, relative to the context. */
async function installedFrom(from: string, context: string, tree: Tree): Promise<string[]> {
  const there = await Promise.all(
    installFiles.map(async (name) =>
      (await tree.kind(posix.join(from, name))) === 'file' ? [posix.relative(context, posix.join(from, name))] : [],
    ),
  )
  return there.flat()
}
