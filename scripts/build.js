// Builds devk into dist/: the program and the libraries it uses as bundles, its help, the page of devk ui, the types of the package, and the
// licences of the libraries.
// With --agents also the agents for nodes, which a checkout builds when it needs them, and the bill of materials, as the package contains them.
import { rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildAgents } from './build/agents.ts'
import { bundledSources, bundleIndex } from './build/bundle.ts'
import { declarations } from './build/declarations.ts'
import { writeHelp } from './build/help.ts'
import { writeLicences } from './build/licences.ts'
import { bundlePage } from './build/page.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const started = new Date()
const fresh = join(root, `dist.${process.pid}`)

try {
  const parts = [bundledSources(root, fresh), bundlePage(root, join(fresh, 'web')), bundleIndex(root, fresh)]
  const [sources, ofPage] = await Promise.all(parts)
  await writeFile(join(fresh, 'index.d.cts'), declarations())
  await writeHelp(fresh)
  const all = [...sources, ...ofPage]
  await writeLicences(root, all, join(fresh, 'THIRD_PARTY_LICENSES.txt'))
  if (process.argv.includes('--agents')) {
    const modules = await buildAgents(root, fresh)
    const { writeSbom } = await import('./build/sbom.ts')
    await writeSbom(root, { sources: all, modules }, join(fresh, 'sbom.cdx.json'))
  }
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

function ignoreMissing(error) {
  if (error.code !== 'ENOENT') throw error
}
