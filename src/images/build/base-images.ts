import { instructions } from './dockerfile.ts'

interface Stage {
  readonly name: string | undefined
  /** The image or stage after FROM; undefined where only BuildKit knows it. */
  readonly base: string | undefined
  /** Names and numbers of other stages that it copies or mounts from. */
  readonly uses: string[]
}

/**
 * The images in the FROM lines of a Dockerfile that the target needs (default: the last stage), without its own stages,
 * `scratch`, and names that only BuildKit can work out.
 */
export function baseImages(dockerfile: string, args: Readonly<Record<string, string>>, target?: string): string[] {
  const stages = stagesOf(dockerfile, args)
  const indexOf = (name: string, before: number) => {
    const named = stages.slice(0, before).findLastIndex((stage) => stage.name === name.toLowerCase())
    return named < 0 && /^\d+$/.test(name) && Number(name) < before ? Number(name) : named
  }
  const last = target === undefined ? -1 : indexOf(target, stages.length)
  const needed = new Set<number>()
  const visit = (index: number): void => {
    const stage = stages[index]
    if (stage === undefined || needed.has(index)) return
    needed.add(index)
    for (const name of [...(stage.base === undefined ? [] : [stage.base]), ...stage.uses]) visit(indexOf(name, index))
  }
  visit(last < 0 ? stages.length - 1 : last)
  const images = stages.flatMap(({ base }, index) => {
    const isOwn = base === undefined || base.toLowerCase() === 'scratch' || indexOf(base, index) >= 0
    return isOwn || !needed.has(index) ? [] : [base]
  })
  return [...new Set(images)]
}

function stagesOf(dockerfile: string, args: Readonly<Record<string, string>>): Stage[] {
  const known = new Map<string, string>()
  const stages: Stage[] = []
  for (const { keyword, text } of instructions(dockerfile)) {
    const current = stages.at(-1)
    // The arguments of a stage do not count in FROM lines.
    if (keyword === 'ARG' && current === undefined) {
      for (const [, name = '', value] of text.matchAll(/([A-Za-z_]\w*)(?:=("[^"]*"|'[^']*'|\S*))?/g)) {
        const given = args[name] ?? (value === undefined ? undefined : expanded(value, known))
        if (given !== undefined) known.set(name, given)
      }
    }
    if (keyword === 'FROM') {
      const [image = '', as = '', name] = text.split(/\s+/).filter((word) => !word.startsWith('--'))
      const isNamed = /^as$/i.test(as)
      stages.push({
        name: isNamed ? name?.toLowerCase() : undefined,
        base: expanded(image, known) || undefined,
        uses: [],
      })
    }
    for (const [, from = ''] of text.matchAll(/(?:^--|\s--|,)(?:mount=)?from=([^\s,]+)/g)) current?.uses.push(from)
  }
  return stages
}

/** The text without quotes and with the values of its variables; undefined for a form that only BuildKit expands. */
function expanded(text: string, known: ReadonlyMap<string, string>): string | undefined {
  let isKnown = true
  const value = text
    .replaceAll(/\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^{}$]*))?\})/g, (...found: (string | undefined)[]) => {
      const [, bare, braced, operator, word = ''] = found
      const given = known.get(bare ?? braced ?? '')
      const isSet = given !== undefined && (given !== '' || operator?.startsWith(':') === false)
      if (operator === undefined) isKnown &&= given !== undefined
      if (operator?.endsWith('+')) return isSet ? word : ''
      return isSet ? given : word
    })
    .replaceAll(/["']/g, '')
  return isKnown && !value.includes('$') ? value : undefined
}
