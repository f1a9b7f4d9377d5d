import type { Command } from 'commander'

/** The shells for which devk has a completion script. */
export const shells = ['bash', 'zsh', 'fish'] as const
/** One of these shells. */
export type Shell = (typeof shells)[number]

/** Returns the names of one kind in the current project; an empty list if there is no project. Must not throw. */
export type NameSource = (kind: 'service' | 'job' | 'preset' | 'name') => Promise<readonly string[]>

/** The completion script for a shell. It calls `devk __complete`, so it stays valid when devk changes. Pure. */
export function completionScript(shell: Shell): string {
  return scripts[shell]
}

/** The candidates for the last of `words`, which is still being typed. `words` are all words after `devk`. */
export async function candidates(program: Command, words: readonly string[], names: NameSource): Promise<string[]> {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  if (before.includes('--')) return []
  const { command, operands, awaitsValue } = walk(program, before)
  if (awaitsValue) return []
  const found = current.startsWith('-') ? flagsOf(command, program) : await operandsOf(command, operands, names)
  return found.filter((word) => word.startsWith(current) && !operands.includes(word))
}

/** Names of the subcommands that the help lists. Pure. */
export function visibleCommands(command: Command): string[] {
  return command.commands.map((each) => each.name()).filter((name) => !name.startsWith('_'))
}

function walk(program: Command, words: readonly string[]) {
  let command = program
  const operands: string[] = []
  let awaitsValue = false
  for (const word of words) {
    if (awaitsValue) awaitsValue = false
    else if (word.startsWith('-')) {
      const option = [...command.options, ...program.options].find((each) => each.long === word || each.short === word)
      awaitsValue = option?.required === true
    } else {
      const next = operands.length === 0 ? command.commands.find((each) => each.name() === word) : undefined
      if (next) command = next
      else operands.push(word)
    }
  }
  return { command, operands, awaitsValue }
}

function flagsOf(command: Command, program: Command): string[] {
  const options = command === program ? program.options : [...command.options, ...program.options]
  const shown = options.filter(({ hidden }) => !hidden)
  return [...shown.map((option) => option.long ?? option.short ?? ''), '--help']
}

async function operandsOf(command: Command, operands: readonly string[], names: NameSource): Promise<string[]> {
  if (command.commands.length > 0) {
    return visibleCommands(command)
  }
  const position = command.registeredArguments[operands.length] ?? command.registeredArguments.at(-1)
  if (position === undefined || (operands.length >= command.registeredArguments.length && !position.variadic)) return []
  if (position.argChoices) return [...position.argChoices]
  const kind = position.name()
  return isNamed(kind) ? [...(await names(kind))] : []
}

function isNamed(kind: string): kind is Parameters<NameSource>[0] {
  return ['service', 'job', 'preset', 'name'].includes(kind)
}

const scripts: Readonly<Record<Shell, string>> = {
  bash: `_devk() {
  local IFS=$'\\n'
  COMPREPLY=($(devk __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then compopt -o default; fi
}
complete -F _devk devk
`,
  zsh: `#compdef devk
_devk() {
  local -a found
  found=(\${(f)"$(devk __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#found} )); then compadd -- $found; else _files; fi
}
if [ "$funcstack[1]" = _devk ]; then _devk; else compdef _devk devk; fi
`,
  fish: `function __devk_complete
  set -l words (commandline -opc) (commandline -ct)
  devk __complete -- $words[2..-1] 2>/dev/null
end
complete -c devk -f -a '(__devk_complete)'
`,
}
