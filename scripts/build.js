// Bundles devk into dist/: one file for each command, so that a start loads only what it runs, and the types of the package.
import { spawn } from 'node:child_process'
import { readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const started = new Date()
const fresh = join(root, `dist.${process.pid}`)

try {
  await Promise.all([bundle(fresh), declarations(fresh)])
  // A file changed while this ran must look newer than the build.
  await writeFile(join(fresh, '.built'), '')
  await utimes(join(fresh, '.built'), started, started)
  const old = join(root, `dist.${process.pid}.old`)
  await rename(join(root, 'dist'), old).catch(ignoreMissing)
  await rename(fresh, join(root, 'dist'))
  await rm(old, { recursive: true, force: true })
} finally {
  await rm(fresh, { recursive: true, force: true })
}

/**
 * dockerode's parts for ssh, build sessions and their progress, loaded when they are called: they bring ssh2, grpc-js and protobufjs,
 * a tenth of a second of each start, and read files beside themselves (.proto, .wasm), which a bundle does not have.
 */
function lazyParts(build) {
  build.onResolve({ filter: /^\.\/(buildkit|session|ssh)$/ }, ({ path, importer }) => {
    const owner = /node_modules\/(docker(?:ode|-modem))\/lib\//.exec(importer)?.[1]
    return owner && { path: `${owner}/lib/${path.slice(2)}`, namespace: 'lazy-part' }
  })
  build.onLoad({ filter: /./, namespace: 'lazy-part' }, ({ path }) => ({
    contents: `
      const load = () => devkCreateRequire(require.resolve('dockerode'))('${path}')
      module.exports = new Proxy(() => {}, {
        apply: (_target, _self, args) => load()(...args),
        get: (_target, name) => load()[name],
      })`,
  }))
}

/** An `import` of node:http reads all that it exports, which loads Node's whole fetch and WebSocket: 40 ms. A `require` does not. */
function requiredHttp(build) {
  build.onResolve({ filter: /^node:http$/ }, ({ path, kind }) =>
    kind === 'import-statement' ? { path, namespace: 'required' } : undefined,
  )
  build.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
    contents: `module.exports = require('${path}')`,
  }))
}

async function bundle(outdir) {
  await build({
    absWorkingDir: root,
    // The commands and chunks lie two levels deep, like the sources: `../..` is the package in both.
    entryPoints: { 'cli/main': 'src/cli/main.ts', index: 'src/index.ts' },
    chunkNames: 'chunks/[name]-[hash]',
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    plugins: [
      { name: 'lazy-parts', setup: lazyParts },
      { name: 'required-http', setup: requiredHttp },
    ],
    // CommonJS dependencies ask for require and the folder names, which a module does not have.
    banner: {
      js: "import { createRequire as devkCreateRequire } from 'node:module'; const require = devkCreateRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
}

async function declarations(outdir) {
  const manifest = JSON.parse(await readFile(join(root, 'node_modules/typescript/package.json'), 'utf8'))
  const tsc = join(root, 'node_modules/typescript', manifest.bin.tsc)
  const child = spawn(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outdir], {
    cwd: root,
    stdio: 'inherit',
  })
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw new Error(`tsc ended with exit code ${code}`)
}

function ignoreMissing(error) {
  if (error.code !== 'ENOENT') throw error
}
