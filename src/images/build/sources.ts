import type { ContextEntry } from './context.ts'
import { type Instruction, instructions } from './dockerfile.ts'
import type { Stage } from './stages.ts'

/** What a build reads besides its base images. */
export interface BuildSources {
  /** Paths in the build context, as its COPY, ADD and RUN lines name them; undefined: everything. */
  readonly paths: readonly string[] | undefined
  /** Whether the value of a build argument can change the result. */
  usesArgument(name: string): boolean
}

/** What these stages of a Dockerfile read. In doubt, everything. Pure. */
export function buildSources(dockerfile: string, stages: readonly Stage[], args: readonly string[]): BuildSources {
  if (hasForeignSyntax(dockerfile) || args.includes('BUILDKIT_SYNTAX')) {
    return { paths: undefined, usesArgument: () => true }
  }
  const read = stages.flatMap(({ steps }) => steps.map(pathsOf))
  const all = instructions(dockerfile)
  const before = all.slice(
    0,
    all.findIndex(({ keyword }) => keyword === 'FROM'),
  )
  const declared = new Set(stages.flatMap(({ steps }) => steps.flatMap(argumentsOf)))
  const froms = [...before, ...all.filter(({ keyword }) => keyword === 'FROM')].map(({ text }) => text).join('\n')
  return {
    paths: read.some((paths) => paths === undefined) ? undefined : read.flatMap((paths) => paths ?? []),
    usesArgument: (name) =>
      declared.has(name) || /^BUILDKIT_|^SOURCE_DATE_EPOCH$/.test(name) || new RegExp(`\\$\\{?${name}\\b`).test(froms),
  }
}

/** The entries of a context that these paths take; undefined: all, as a link leads elsewhere. Pure. */
export function entriesIn(entries: readonly ContextEntry[], paths: readonly string[]): ContextEntry[] | undefined {
  const wanted = paths.map((path) => partsOf(path).map(patternOf))
  if (wanted.some((patterns) => patterns.length === 0)) return undefined
  let leadsAway = false
  const found = entries.filter(({ path, kind }) => {
    const parts = path.split('/')
    return wanted.some((patterns) => {
      const common = Math.min(parts.length, patterns.length)
      const fits = patterns.slice(0, common).every((pattern, i) => pattern.test(parts[i] ?? ''))
      // A link that a path names or crosses is followed. One below a path is taken as it is.
      if (fits && kind === 'link' && parts.length <= patterns.length) leadsAway = true
      return fits && (parts.length >= patterns.length || kind === 'folder')
    })
  })
  return leadsAway ? undefined : found
}

function hasForeignSyntax(dockerfile: string): boolean {
  for (const line of dockerfile.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const [, name = '', value = ''] = /^(?:#|\/\/)\s*([a-z]+)\s*=\s*(\S+)/i.exec(line) ?? []
    if (name === '') return /^#!/.test(line)
    if (name.toLowerCase() === 'syntax') return !/^(docker\.io\/)?docker\/dockerfile(-upstream)?([:@]|$)/.test(value)
  }
  return false
}

/** The paths that an instruction takes from the context; undefined when only BuildKit knows them. */
function pathsOf({ line, keyword, text }: Instruction): string[] | undefined {
  if (keyword === 'ONBUILD') {
    const [, inner = '', rest = ''] = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(text) ?? []
    return pathsOf({ line, keyword: inner.toUpperCase(), text: rest })
  }
  if (keyword === 'RUN') return mountsOf(text)
  if (keyword !== 'COPY' && keyword !== 'ADD') return []
  const [, flags = '', rest = ''] = /^((?:--\S+\s+)*)(.*)$/s.exec(text) ?? []
  if (/(^|\s)--from=/.test(flags)) return []
  const words = wordsOf(rest)
  const sources = words?.slice(0, -1).filter((word) => !word.startsWith('<<') && !isRemote(word))
  return sources?.some((source) => /["'\\$]/.test(source)) ? undefined : sources
}

function wordsOf(text: string): string[] | undefined {
  if (!text.startsWith('[')) return text.split(/\s+/)
  try {
    return (JSON.parse(text) as unknown[]).map(String)
  } catch {
    return undefined
  }
}

function isRemote(source: string): boolean {
  return /^([a-z]+:\/\/|git@)/i.test(source)
}

/** The folders of the context that a RUN line mounts. */
function mountsOf(text: string): string[] | undefined {
  const [flags = ''] = /^(--\S+\s+)*/.exec(text) ?? []
  const mounts = [...flags.matchAll(/--mount=(\S+)/g)].map(([, options = '']) => options.split(','))
  const value = (options: readonly string[], ...names: string[]) =>
    options.flatMap((each) => (names.includes(each.split('=')[0] ?? '') ? each.slice(each.indexOf('=') + 1) : []))[0]
  const own = mounts.filter(
    (options) => (value(options, 'type') ?? 'bind') === 'bind' && value(options, 'from') === undefined,
  )
  if (/["'\\$]/.test(own.flat().join())) return undefined
  return own.map((options) => value(options, 'source', 'src') ?? '.')
}

function argumentsOf({ keyword, text }: Instruction): string[] {
  return keyword === 'ARG' ? [...text.matchAll(/(?:^|\s)([A-Za-z_]\w*)/g)].map(([, name = '']) => name) : []
}

/** The parts of a path, up to a part that stands for any number of folders. */
function partsOf(path: string): string[] {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part.includes('**')) return parts
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts
}

/** `*` and `?` as in Go's path.Match; a part with brackets counts as fitting everything. */
function patternOf(part: string): RegExp {
  if (part.includes('[')) return /^/
  const text = part.replaceAll(/[.+^${}()|\]\\]/g, '\\$&')
  return new RegExp(`^${text.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's')
}
