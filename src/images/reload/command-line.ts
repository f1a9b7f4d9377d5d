/** A command line that runs a script of a package.json. */
export interface ScriptLine {
  /** The program with what stands before its own arguments: `npm`, `npx turbo`, `pnpm exec turbo`. */
  readonly runner: readonly string[]
  /** The package, by its name or path; undefined: the one of the folder. */
  readonly workspace: string | undefined
  /** The words that choose it. */
  readonly flags: readonly string[]
  readonly script: string | undefined
}

const choosing = /^(-w|-F|--workspace|--prefix|--filter|--cwd|--dir|-C)(?:=(.*))?$/

/** Reads a command line of npm, yarn, pnpm or turbo, after which package and script it runs. Pure. */
export function scriptLine(words: readonly string[]): ScriptLine {
  const turbo = words.findIndex((word, i) => word === 'turbo' && words.slice(0, i).every((each) => before.test(each)))
  const start = turbo < 0 ? 1 : turbo + 1
  const flags: string[] = []
  const names: string[] = []
  let workspace: string | undefined
  for (let i = start; i < words.length; i++) {
    const word = words[i] ?? ''
    const [, name = '', value] = choosing.exec(word) ?? []
    if (name !== '' || (word === 'workspace' && turbo < 0)) {
      flags.push(word)
      if (value === undefined) flags.push(words[++i] ?? '')
      workspace = value ?? words[i]
    } else if (word === '--') break
    else if (!word.startsWith('-') && !/^run(-script)?$/.test(word)) names.push(word)
  }
  const [, inTask, task] = (turbo < 0 ? null : /^(.+)#([^#]+)$/.exec(names[0] ?? '')) ?? []
  return {
    runner: words.slice(0, start),
    workspace: plainFilter(inTask ?? workspace),
    flags: inTask === undefined ? flags : [`--filter=${inTask}`],
    script: task ?? names[0],
  }
}

/** What may stand before turbo. */
const before = /^(npx|pnpx|bunx|npm|pnpm|yarn|exec|dlx|run|--)$/

/** `web...` are a package and those that it needs; `{./apps/web}` is one by its path. */
function plainFilter(filter: string | undefined): string | undefined {
  return filter?.replace(/^\.{3}\^?|\^?\.{3}$/g, '').replace(/^\{(.*)\}$/, '$1')
}

/** The words of a script that runs another one and nothing else; undefined for other scripts. Pure. */
export function scriptWords(script: string): string[] | undefined {
  const line = script.trim()
  const isPlain = /^(npm|pnpm|yarn|npx turbo|turbo)\s/.test(line) && !/[&|;<>$`"'()*\\]/.test(line)
  return isPlain ? line.split(/\s+/) : undefined
}
