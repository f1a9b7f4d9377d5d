import { dirname, join } from 'node:path/posix'
import { type Instruction, instructions } from '../images/build/dockerfile.ts'

/** What is in a repository, by paths relative to it. */
export interface Exists {
  /** Whether a path, or a pattern such as `package*.json`, matches anything. */
  path(pattern: string): Promise<boolean>
  /** Whether a folder holds anything to copy besides Dockerfiles and scripts. */
  source(folder: string): Promise<boolean>
}

/** Files of which a command needs one in the folder where it runs. */
const needs: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\bnpm ci\b/, ['package-lock.json', 'npm-shrinkwrap.json']],
  [/\byarn install\b.*--(frozen-lockfile|immutable)/, ['yarn.lock']],
  [/\bpnpm (install|i)\b.*--frozen-lockfile/, ['pnpm-lock.yaml']],
  [/\b(npm (i|install|run)|yarn|pnpm)\b/, ['package.json']],
  [/\bnpm\b.*\s(-w|--workspaces?)\b|\byarn workspaces?\b/, ['package.json:workspaces']],
  [/\bpnpm\b.*\s(-F|--filter)\b/, ['pnpm-workspace.yaml']],
  [/\b(turbo|nx)\s+(run|prune|build)\b/, ['turbo.json', 'nx.json']],
  [/\bgo (build|mod|install|run|test)\b/, ['go.mod', 'go.work', 'vendor']],
  [/\bcargo (build|install)\b/, ['Cargo.toml']],
  [/\b(mvn|mvnw)\b/, ['pom.xml']],
  [/\b(gradle|gradlew)\b/, ['build.gradle', 'build.gradle.kts']],
  [/\bbundle install\b/, ['Gemfile']],
  [/\bcomposer install\b/, ['composer.json']],
  [/\bpoetry install\b|\bpip install \.(\s|$)/, ['pyproject.toml', 'setup.py']],
]

/**
 * The build context of a Dockerfile: the nearest folder, from its own up to the repository, that has the most of what
 * its COPY lines and the commands after them take. Paths are relative to the repository.
 */
export async function contextOf(file: string, text: string, exists: Exists): Promise<string> {
  const steps = instructions(text)
  const sources = steps.flatMap(({ keyword, text: rest }) => (/^(COPY|ADD)$/.test(keyword) ? sourcesOf(rest) : []))
  const isWhole = sources.some((source) => /^\.?\/?\*?$/.test(source))
  const wanted = [...sources.map((source) => [source]), ...(isWhole ? neededBy(steps) : [])]
  let best = { folder: dirname(file), found: -1 }
  for (const folder of foldersUp(dirname(file))) {
    const found = await Promise.all(wanted.map((each) => anyIn(folder, each, exists)))
    const count = found.filter(Boolean).length
    if (count > best.found) best = { folder, found: count }
    if (count === wanted.length) break
  }
  return best.folder
}

async function anyIn(folder: string, names: readonly string[], exists: Exists): Promise<boolean> {
  const each = names.map((name) =>
    /^\.?\/?\*?$/.test(name)
      ? exists.source(folder)
      : exists.path(name.includes(':') ? `${folder}/${name}` : join(folder, name)),
  )
  return (await Promise.all(each)).some(Boolean)
}

/** What the commands of a Dockerfile need, besides what COPY lines name: lock files, requirements, folders. */
function neededBy(steps: readonly Instruction[]): (readonly string[])[] {
  const commands = steps.filter(({ keyword }) => keyword === 'RUN').map(({ text }) => text)
  const files = needs.flatMap(([pattern, names]) => (commands.some((each) => pattern.test(each)) ? [names] : []))
  const named = commands.flatMap((command) => [
    ...[...command.matchAll(/(?:^|\s)-r\s+(\S+\.txt)/g)].map(([, name = '']) => [name]),
    ...[...command.matchAll(/\bgo (?:build|run|install)\b[^&|;]*?\s\.\/([\w./-]+)/g)].map(([, name = '']) => [name]),
  ])
  return [...files, ...named.filter(([name = '']) => !/^\/|\.\.\.|\$/.test(name))]
}

/** A folder and those above it, up to the repository. */
function foldersUp(folder: string): string[] {
  return folder === '.' ? ['.'] : [folder, ...foldersUp(dirname(folder))]
}

/** The paths that COPY or ADD takes from the context, without variables and URLs. */
function sourcesOf(text: string): string[] {
  if (/--from=|<</.test(text)) return []
  return copyWords(text)
    .slice(0, -1)
    .filter((word) => !/[$]|:\/\//.test(word))
}

/** The sources and the destination of COPY or ADD, without flags. Pure. */
function copyWords(text: string): string[] {
  const rest = text.replace(/^(--\S+\s+)*/, '')
  if (!rest.startsWith('[')) return rest.split(/\s+/).filter((word) => word !== '')
  try {
    return (JSON.parse(rest) as unknown[]).map(String)
  } catch {
    return []
  }
}
