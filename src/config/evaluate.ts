import { readFileSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { DevkError } from '../errors.ts'
import { hasModuleSyntax } from './module-syntax.ts'

/** `devk` as a configuration file sees it, so that a project needs no node_modules for `import { defineConfig } from 'devk'`. */
const imported = {
  url: `data:text/javascript,${encodeURIComponent('export const defineConfig = (config) => config')}`,
  format: 'module',
  shortCircuit: true,
}
/** The same for `require('devk')`, which reads no data: URL. */
const required = { url: 'devk:config', format: 'commonjs', shortCircuit: true }
const requiredSource = { ...required, source: 'exports.defineConfig = (config) => config' }

const { cache } = createRequire(import.meta.url)

/** How often this process has read a configuration: a name for each time, the same ones in each process, so that Node's compile cache knows them. */
let readings = 0

/**
 * Runs `load` (cosmiconfig's loader of the script `file`, a real path) so that `devk` resolves to devk itself and the file and its local
 * imports are read again each time. Throws CONFIG_INVALID, with file and line, when the script cannot be read or throws.
 */
export async function evaluate<T>(file: string, shown: string, load: () => Promise<T>): Promise<T> {
  const { href } = pathToFileURL(file)
  const fresh = `?devk=${readings}`
  readings += 1
  let commonJs = false
  const files = new Set<string>()
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'devk') return context.conditions.includes('require') ? required : imported
      // cosmiconfig 10 tries require() when import() failed, and would show that error instead; this code makes it keep the first.
      if (specifier === file && !commonJs) throw Object.assign(new Error('only import()'), { code: 'ERR_REQUIRE_ESM' })
      const found = next(specifier, context)
      const local = found.url.startsWith('file:') && !found.url.includes('/node_modules/')
      if (!local || !(specifier === href || specifier === file || context.parentURL?.endsWith(fresh))) return found
      const format = formatOf(found)
      if (specifier === href && !format?.startsWith('module')) {
        commonJs = true
        throw new Error('only require(): in Node 22 what an imported CommonJS script requires passes by these hooks')
      }
      files.add(fileURLToPath(found.url))
      return { ...found, format, url: found.url + fresh }
    },
    load: (url, context, next) => (url === required.url ? requiredSource : next(url, context)),
  })
  try {
    return await load()
  } catch (error) {
    throw scriptError(error, href, file, shown)
  } finally {
    hooks.deregister()
    for (const path of files) delete cache[path]
  }
}

/**
 * Node's format of a script, but that a .ts or .js file that imports or exports is an ES module in every package: Node refuses one
 * in a package of type `commonjs`, and warns of one in a package without a type.
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
    return new DevkError('CONFIG_INVALID', `${where} uses TypeScript that has to be compiled`, {
      details: [message],
      hint: 'Only types that can be erased are understood: write an enum as a plain object, and leave out namespaces and parameter properties.',
      cause: error,
    })
  }
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return new DevkError('CONFIG_INVALID', `${shown} imports what is not there`, {
      details: [message],
      hint: 'Install the package, or correct the path (with its extension, as in ./ports.ts).',
      cause: error,
    })
  }
  const kind = error instanceof SyntaxError ? 'cannot be read' : 'threw an error'
  return new DevkError('CONFIG_INVALID', `${where} ${kind}: ${message}`, { hint: 'Nothing was changed.', cause: error })
}

/** `12:3` from a stack frame, or `12` from the line above a syntax error. */
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
