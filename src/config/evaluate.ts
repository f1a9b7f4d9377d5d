import { readFileSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { DevkError } from '../errors.ts'
import { type ConfigCode, digestOf } from './code.ts'
import { importModule } from './import-module.ts'
import { hasModuleSyntax } from './module-syntax.ts'

/** What `import { defineConfig } from 'devk'` gives a configuration file, so that a project needs no node_modules. */
const imported = {
  url: `data:text/javascript,${encodeURIComponent('export const defineConfig = (config) => config')}`,
  format: 'module',
  shortCircuit: true,
}
/** The same for `require('devk')`, which cannot load a data: URL. */
const required = { url: 'devk:config', format: 'commonjs', shortCircuit: true }
const requiredSource = { ...required, source: 'exports.defineConfig = (config) => config' }

const require = createRequire(import.meta.url)

/**
 * Counts how often this process has read a configuration. The URL of each reading contains the number. Every process
 * counts from 0, so that the URLs repeat and Node's compile cache can serve them.
 */
let readings = 0

/** A script to read. */
export interface Reading {
  readonly code: ConfigCode
  /** Its name in messages. */
  readonly shown: string
  /** Called for each local file that the script imports, directly or not, even if it does not exist. */
  readonly onImport?: ((file: string) => void) | undefined
}

/** What a script exports by default, or a local file that it wanted to import and that is not part of its code. */
export type Evaluated = { readonly value: unknown } | { readonly unlisted: string }

/**
 * Evaluates a script and returns what it exports by default. In the script, `devk` resolves to devk itself. The script
 * and its local imports are read again on each call. Local files run only with the content that `code` lists. Throws
 * CONFIG_INVALID, with file and line, if the script cannot be read or throws.
 */
export async function evaluate({ code, shown, onImport }: Reading): Promise<Evaluated> {
  const { file, files: listed } = code
  const { href } = pathToFileURL(file)
  let unlisted: string | undefined
  const fresh = `?devk=${readings}`
  readings += 1
  let commonJs = false
  const files = new Set<string>()
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'devk') return context.conditions.includes('require') ? required : imported
      const isOurs = specifier === href || specifier === file || context.parentURL?.endsWith(fresh) === true
      // A file that does not exist yet is one that the user may create next.
      if (isOurs && /^\.\.?\//.test(specifier)) onImport?.(fileURLToPath(new URL(specifier, context.parentURL)))
      const found = next(specifier, context)
      const local = found.url.startsWith('file:') && !found.url.includes('/node_modules/')
      if (!local || !isOurs) return found
      const path = fileURLToPath(found.url)
      if (specifier !== href && specifier !== file) onImport?.(path)
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
      files.add(path)
      return { ...found, format, url: found.url + fresh }
    },
    load: (url, context, next) => (url === required.url ? requiredSource : next(url, context)),
  })
  try {
    const value = await exported(file, href, () => commonJs)
    return unlisted === undefined ? { value } : { unlisted }
  } catch (error) {
    if (unlisted !== undefined) return { unlisted }
    throw scriptError(error, href, file, shown)
  } finally {
    hooks.deregister()
    for (const path of files) delete require.cache[path]
  }
}

/** What a script exports by default. import() fails for a CommonJS script, which is then required. */
async function exported(file: string, href: string, commonJs: () => boolean): Promise<unknown> {
  try {
    return ((await importModule(href)) as { default?: unknown }).default
  } catch (error) {
    if (!commonJs()) throw error
    return require(file) as unknown
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

function scriptError(error: unknown, href: string, file: string, shown: string): DevkError {
  const {
    code,
    message,
    stack = '',
  } = error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, message: String(error) }
  const place = placeIn(stack, href, file)
  const where = place === undefined ? shown : `${shown}:${place}`
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return new DevkError('CONFIG_INVALID', `${where} uses TypeScript syntax that must be compiled`, {
      details: [message],
      hint: 'devk only removes types. Replace enums by plain objects; remove namespaces and parameter properties.',
      cause: error,
    })
  }
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return new DevkError('CONFIG_INVALID', `${shown} imports a module that does not exist`, {
      details: [message],
      hint: 'Install the package, or correct the path. A path needs its extension, as in ./ports.ts.',
      cause: error,
    })
  }
  const kind = error instanceof SyntaxError ? 'cannot be read' : 'threw an error'
  return new DevkError('CONFIG_INVALID', `${where} ${kind}: ${message}`, { hint: 'Nothing was changed.', cause: error })
}

/** `12:3` from a stack frame, or `12` from the line that Node prints above a syntax error. */
function placeIn(stack: string, href: string, file: string): string | undefined {
  for (const line of stack.split('\n')) {
    for (const name of [href, file]) {
      const start = line.indexOf(name)
      if (start < 0) continue
      const place = /^(?:\?devk=\d+)?:(\d+(?::\d+)?)/.exec(line.slice(start + name.length))
      if (place) return place[1]
    }
  }
  return undefined
}
