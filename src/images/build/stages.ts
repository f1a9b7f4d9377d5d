import { type Instruction, instructions } from './dockerfile.ts'

/** A stage of a Dockerfile. */
export interface Stage {
  readonly name: string | undefined
  /** The image or stage after FROM; undefined where only BuildKit knows it. */
  readonly base: string | undefined
  /** Names and numbers of other stages that it copies or mounts from, or images. */
  readonly uses: readonly string[]
  /** Its instructions after FROM. */
  readonly steps: readonly Instruction[]
}

/** The part of a Dockerfile that a target needs (default: the last stage). */
export interface Needed {
  readonly stages: readonly Stage[]
  /** The images that they start or copy from, without `scratch` and names that only BuildKit can work out. */
  readonly images: readonly string[]
  /** Whether the images that the stages start from are all known by name. */
  readonly certain: boolean
}

/** Works out which stages and images a build of `target` needs. Pure. */
export function neededStages(dockerfile: string, args: Readonly<Record<string, string>>, target?: string): Needed {
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
  const chosen = [...stages.entries()].filter(([index]) => needed.has(index))
  const images = chosen.flatMap(([index, { base, uses }]) => {
    const isImage = (name: string) => name.toLowerCase() !== 'scratch' && indexOf(name, index) < 0
    return [...(base === undefined ? [] : [base]), ...uses.filter((name) => !/^\d+$|\$/.test(name))].filter(isImage)
  })
  return {
    stages: chosen.map(([, stage]) => stage),
    images: [...new Set(images)],
    certain: chosen.every(([, { base }]) => base !== undefined),
  }
}

function stagesOf(dockerfile: string, args: Readonly<Record<string, string>>): Stage[] {
  const known = new Map<string, string>()
  const stages: (Stage & { uses: string[]; steps: Instruction[] })[] = []
  for (const instruction of instructions(dockerfile)) {
    const { keyword, text } = instruction
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
        steps: [],
      })
      continue
    }
    current?.steps.push(instruction)
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
