import { mask } from './mask.ts'

/** At the start of a statement; `import()`, `import.meta` and what only concerns types do not count. */
const statement = /(?:^|[;}])[ \t]*(?:import\b(?!\s*[(.])(?!\s+type\b)|export\b(?!\s+type\b)(?!\s*=))/m

/** Whether the text of a script imports or exports values as an ES module does. */
export function hasModuleSyntax(text: string): boolean {
  return statement.test(mask(text))
}
