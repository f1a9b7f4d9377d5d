import { posix } from 'node:path'
import { instructions } from '../../images/build/dockerfile.ts'

interface Stage {
  readonly name: string | undefined
  readonly variables: Map<string, string>
  folder: string | undefined
}

/**
 * The working folder of the image that a Dockerfile builds for a target (default: the last stage); undefined where only
 * its base image knows it. Pure.
 */
export function workdirOf(dockerfile: string, target: string | undefined): string | undefined {
  const stages: Stage[] = []
  for (const { keyword, text } of instructions(dockerfile)) {
    const current = stages.at(-1)
    if (keyword === 'FROM') {
      const [base = '', , name] = text.split(/\s+/).filter((word) => !word.startsWith('--'))
      const from = stages.findLast((stage) => stage.name === base.toLowerCase())
      stages.push({ name: name?.toLowerCase(), variables: new Map(from?.variables), folder: from?.folder })
    } else if (current !== undefined && (keyword === 'ENV' || keyword === 'ARG')) {
      define(text, current.variables)
    } else if (current !== undefined && keyword === 'WORKDIR') {
      const folder = expanded(text.replace(/^(["'])(.*)\1$/, '$2'), current.variables)
      current.folder = folder === undefined ? undefined : posix.resolve('/', current.folder ?? '/', folder)
    }
  }
  const wanted = target === undefined ? undefined : stages.find(({ name }) => name === target.toLowerCase())
  return (wanted ?? stages.at(-1))?.folder
}

function define(text: string, variables: Map<string, string>): void {
  const pairs = [...text.matchAll(/([A-Za-z_]\w*)=("[^"]*"|'[^']*'|\S*)/g)]
  const [, name, value] = pairs[0] ?? /^([A-Za-z_]\w*)\s+(.+)$/.exec(text) ?? []
  const all =
    pairs.length > 0 ? pairs.map(([, key = '', given = '']) => [key, given] as const) : [[name, value] as const]
  for (const [key, given] of all) {
    if (key !== undefined && given !== undefined) variables.set(key, given.replace(/^(["'])(.*)\1$/, '$2'))
  }
}

function expanded(text: string, variables: ReadonlyMap<string, string>): string | undefined {
  const value = text.replaceAll(/\$(?:(\w+)|\{(\w+)(?::?-([^{}]*))?\})/g, (whole, bare, braced, otherwise) => {
    return variables.get(bare ?? braced) ?? otherwise ?? whole
  })
  return value.includes('$') ? undefined : value
}
