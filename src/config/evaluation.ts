// A thread that evaluates one configuration script, which it is told by message: what the script starts, changes and
// prints stays in the thread. See evaluate.ts.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire, enableCompileCache, flushCompileCache, registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type MessagePort, parentPort } from 'node:worker_threads'
import { digestOf } from './code.ts'
import { hasModuleSyntax } from './module-syntax.ts'
import { packed } from './packed.ts'
import type { EvaluationInput, EvaluationMessage } from './thread.ts'

/** What `import { defineConfig } from 'devk'` gives a configuration file, so that a project needs no node_modules. */
const imported = {
  url: `data:text/javascript,${encodeURIComponent('export const defineConfig = (config) => config')}`,
  format: 'module',
  shortCircuit: true,
}
/** The same for `require('devk')`, which cannot load a data: URL. */
const required = { url: 'devk:config', format: 'commonjs', shortCircuit: true }
const requiredSource = { ...required, source: 'exports.defineConfig = (config) => config' }

/** Ends the URLs of the script and of what it imports. */
const mark = '?devk'

const port = parentPort as MessagePort
const send = (message: EvaluationMessage) => port.postMessage(message)
const [{ file, listed, cache }] = (await once(port, 'message')) as [EvaluationInput]
const { href } = pathToFileURL(file)
let unlisted: string | undefined
let commonJs = false

// The output of devk is its own: `devk config --json` is read by programs.
process.stdout.write = process.stderr.write.bind(process.stderr)
if (cache !== undefined) enableCompileCache(cache)
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'devk') return context.conditions.includes('require') ? required : imported
    const isOurs = specifier === href || specifier === file || context.parentURL?.endsWith(mark) === true
    // A file that does not exist yet is one that the user may create next.
    if (isOurs && /^\.\.?\//.test(specifier)) send({ imports: fileURLToPath(new URL(specifier, context.parentURL)) })
    const found = next(specifier, context)
    const local = found.url.startsWith('file:') && !found.url.includes('/node_modules/')
    if (!local || !isOurs) return found
    const path = fileURLToPath(found.url)
    if (specifier !== href && specifier !== file) send({ imports: path })
    if (listed.get(path) !== digestOf(readFileSync(path))) {
      unlisted = path
      throw new Error(`${path} is not part of the code that was agreed to`)
    }
    const format = formatOf(found)
    if (specifier === href && !format?.startsWith('module')) {
      commonJs = true
      // In Node 22, these hooks do not see what an imported CommonJS script requires.
      throw new Error('only require()')
    }
    return { ...found, format, url: found.url + mark }
  },
  load: (url, context, next) => (url === required.url ? requiredSource : next(url, context)),
})
const exit = process.exit
process.exit = (code) => {
  send({ exits: Number(code ?? process.exitCode ?? 0) })
  return exit(code)
}
// Node warns of an `await` at the top that is never answered, and names this file.
void evaluated().then((result) => {
  send(unlisted === undefined ? result : { unlisted })
  flushCompileCache()
})

async function evaluated(): Promise<EvaluationMessage> {
  try {
    return { value: packed(await exported()) }
  } catch (error) {
    return { failure: failureOf(error) }
  }
}

/** What the script exports by default. import() fails for a CommonJS script, which is then required. */
async function exported(): Promise<unknown> {
  try {
    return await ((await import(href)) as { default?: unknown }).default
  } catch (error) {
    if (!commonJs) throw error
    return createRequire(import.meta.url)(file) as unknown
  }
}

/**
 * The format of a script. It differs from Node's in one way: a .ts or .js file that imports or exports is an ES module
 * in every package. Node rejects such a file in a package of type `commonjs`, and warns in a package without a type.
 */
function formatOf({ url, format }: { url: string; format?: string | null | undefined }): string | null | undefined {
  const extension = /\.[jt]s$/.exec(url)?.[0]
  if (extension === undefined || format?.startsWith('module')) return format
  if (!hasModuleSyntax(readFileSync(fileURLToPath(url), 'utf8'))) return format
  return extension === '.ts' ? 'module-typescript' : 'module'
}

function failureOf(error: unknown) {
  if (!(error instanceof Error)) return { message: String(error), stack: '', isSyntax: false }
  const { code, message, stack = '' } = error as NodeJS.ErrnoException
  return { code, message, stack, isSyntax: error instanceof SyntaxError }
}
