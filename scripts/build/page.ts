import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Bundles the page of `devk ui` into `outdir`. Gives the files that are in it, relative to the root. */
export async function bundlePage(root: string, outdir: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    // The terminal is loaded when the first shell is opened.
    entryPoints: { main: 'web/main.tsx', terminal: 'web/terminal.ts' },
    splitting: true,
    chunkNames: 'shared',
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: {},
    metafile: true,
    logLevel: 'warning',
  })
  await copyFile(join(root, 'web/index.html'), join(outdir, 'index.html'))
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs))
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([source]) => source)
}
