import { posix } from 'node:path'
import type { HelmFact } from '../facts.ts'
import { pathIn } from '../paths.ts'
import type { Site } from './site.ts'
import { argument, type Call, textOf, textsOf } from './value.ts'

/** helm('./chart', name='x', values=[…], set=['a=b']). */
export function chartOf(call: Call, at: Site): HelmFact | undefined {
  const chart = pathIn(at.folder, textOf(argument(call, 'pathname', 0) ?? argument(call, 'paths')) ?? '$')
  if (chart === undefined) return undefined
  const name = textOf(argument(call, 'name')) ?? posix.basename(chart === '.' ? 'release' : chart)
  return { name, chart, ...namespaceOf(call), values: valuesOf(call, at), set: setOf(textsOf(argument(call, 'set'))) }
}

/** The extension helm_remote('chart', repo_url='…', version='…'). */
export function remoteChart(call: Call, at: Site): HelmFact | undefined {
  const chart = textOf(argument(call, 'chart', 0))
  const repo = textOf(argument(call, 'repo_url'))
  if (chart === undefined || repo === undefined) return undefined
  const name = textOf(argument(call, 'release_name')) ?? chart
  return {
    name,
    chart,
    repo,
    ...versionOf(call),
    ...namespaceOf(call),
    values: valuesOf(call, at),
    set: setOf(textsOf(argument(call, 'set'))),
  }
}

/** The extension helm_resource('name', 'repository/chart', flags=['--set=a=b']). */
export function resourceChart(call: Call, at: Site): HelmFact | undefined {
  const [name, written] = [textOf(argument(call, 'name', 0)), textOf(argument(call, 'chart', 1))]
  if (name === undefined || written === undefined) return undefined
  const flags = textsOf(argument(call, 'flags')).flatMap((flag) => flag.split(/=(.*)/s).filter((part) => part !== ''))
  const after = (...names: string[]) => flags.flatMap((flag, at) => (names.includes(flag) ? (flags[at + 1] ?? []) : []))
  const values = after('--values', '-f').flatMap((file) => pathIn(at.folder, file) ?? [])
  const [version] = after('--version')
  const more = {
    ...(version === undefined ? {} : { version }),
    ...namespaceOf(call),
    values,
    set: setOf(after('--set', '--set-string')),
  }
  const [repository, chart] = /^([\w-]+)\/([\w-]+)$/.exec(written)?.slice(1) ?? []
  const repo = at.repos.get(repository)
  if (repo !== undefined && chart !== undefined) return { name, chart, repo, ...more }
  const own = /^oci:\/\//.test(written) ? written : pathIn(at.folder, written)
  return own === undefined ? undefined : { name, chart: own, ...more }
}

function versionOf(call: Call): { version?: string } {
  const version = textOf(argument(call, 'version'))
  return version === undefined ? {} : { version }
}

function namespaceOf(call: Call): { namespace?: string } {
  const namespace = textOf(argument(call, 'namespace'))
  return namespace === undefined ? {} : { namespace }
}

function valuesOf(call: Call, at: Site): string[] {
  return textsOf(argument(call, 'values')).flatMap((file) => pathIn(at.folder, file) ?? [])
}

/** `a=1` as Helm's --set reads it: numbers and booleans have their types. Pure. */
function setOf(pairs: readonly string[]): HelmFact['set'] {
  const found = pairs.flatMap((pair) => {
    const [, key, text] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
    if (key === undefined || text === undefined) return []
    const value = /^(true|false)$/.test(text)
      ? text === 'true'
      : /^-?[1-9]\d{0,8}$|^0$/.test(text)
        ? Number(text)
        : text
    return [[key, value] as const]
  })
  return Object.fromEntries(found)
}
