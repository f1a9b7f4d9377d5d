import { cp, readFile } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { engineParts, enginePartsPath, onlyKubeConfig, optionalParts, requiredHttp } from './plugins.ts'

const require = createRequire(import.meta.url)

/** Names stay readable in the stack of a defect; the rest of the package has to be small. */
const common: BuildOptions & { metafile: true } = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  metafile: true,
  minify: true,
  keepNames: true,
}

/** Bundles the program and the parts of its engine into a folder. Gives the files that are in the bundles. */
export async function bundledSources(root: string, outdir: string): Promise<string[]> {
  const parts = [bundleProgram(root, outdir), bundleEngineParts(root, join(outdir, 'engine'))]
  return (await Promise.all(parts)).flat()
}

/** Bundles the program: one file for each command, so that a start loads only what it runs. Gives the files that are in it. */
async function bundleProgram(root: string, outdir: string): Promise<string[]> {
  const { metafile } = await build({
    ...common,
    absWorkingDir: root,
    // The commands and chunks lie two levels deep, like the sources: `../..` is the package in both.
    // The second is the main file of a thread.
    entryPoints: { 'cli/main': 'src/cli/main.ts', 'config/evaluation': 'src/config/evaluation.ts' },
    chunkNames: 'chunks/[name]-[hash]',
    outdir,
    splitting: true,
    format: 'esm',
    plugins: [engineParts, onlyKubeConfig, optionalParts, requiredHttp],
    // Its main file asks for its other files in a way that cannot be bundled.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    // CommonJS dependencies ask for require, which a module does not have. Most chunks never call it.
    banner: {
      js:
        "import { createRequire as devkCreateRequire } from 'node:module'; let devkRequire; " +
        'const require = (name) => (devkRequire ??= devkCreateRequire(import.meta.url))(name);',
    },
    logLevel: 'warning',
  })
  return sourcesOf(root, metafile)
}

/**
 * Bundles the parts of dockerode that the program loads only when it calls them (see `engineParts`) into outdir/parts.cjs, with
 * the .proto files that they read beside themselves. It is CommonJS, so `__dirname` is its folder. Gives the files that are in it.
 */
async function bundleEngineParts(root: string, outdir: string): Promise<string[]> {
  const { metafile } = await build({
    ...common,
    absWorkingDir: root,
    stdin: {
      contents: `
        exports.session = () => require('dockerode/lib/session')
        exports.buildkit = () => require('dockerode/lib/buildkit')
        exports.ssh = () => require('docker-modem/lib/ssh')`,
      resolveDir: root,
    },
    outfile: join(outdir, 'parts.cjs'),
    format: 'cjs',
    plugins: [optionalParts],
    logLevel: 'warning',
  })
  await cp(join(dirname(require.resolve('dockerode')), 'proto'), join(outdir, 'proto'), { recursive: true })
  return sourcesOf(root, metafile)
}

/** Bundles what `devk` exports to configurations. CommonJS, so that `import` and `require` both take it. */
export async function bundleIndex(root: string, outdir: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['src/index.ts'],
    outfile: join(outdir, 'index.cjs'),
    format: 'cjs',
    platform: 'node',
  })
}

/**
 * The source files, relative to the root, of which something is left in the bundle. Of a package that is inside a file of another
 * one it is the package.json. Throws when the bundle loads a package at run time,
 * which is not there where devk is installed.
 */
async function sourcesOf(root: string, { outputs }: Metafile): Promise<string[]> {
  const external = Object.values(outputs).flatMap(({ imports }) => imports.filter((one) => one.external))
  const missing = external.map(({ path }) => path).filter((path) => !isBuiltin(path) && path !== enginePartsPath)
  if (missing.length > 0) throw new Error(`The bundle needs ${missing.join(', ')}`)
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs))
  const sources = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([source]) => source)
  const texts = sources
    .filter((source) => source.includes('node_modules/'))
    .map((source) => readFile(join(root, source), 'utf8'))
  return [...sources, ...new Set((await Promise.all(texts)).flatMap(packagesInside))]
}

/** The packages whose code a bundler has put into a file, and has marked with their places: `//#region ../node_modules/…`. */
function packagesInside(text: string): string[] {
  const marks = text.matchAll(
    /^\/\/#region .*?(\bnode_modules\/\.pnpm\/[^/\n]+\/node_modules\/(?:@[^/\n]+\/)?[^/\n]+)\//gm,
  )
  return [...marks].map(([, folder]) => `${folder}/package.json`)
}
