import { mask } from './mask.ts'

/** An import or export at the start of a statement; not `import()`, `import.meta`, or one of types only. */
const statement = /(?:^|[;}])[ \t]*(?:import\b(?!\s*[(.])(?!\s+type\b)|export\b(?!\s+type\b)(?!\s*=))/m

/** Whether a script has imports or exports of values, as only an ES module can. */
export function hasModuleSyntax(text: string): boolean {
  return statement.test(mask(text))
}
