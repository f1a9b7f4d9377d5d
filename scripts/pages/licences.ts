import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogue } from '../../src/kit/recipes/catalogue.ts'
import { bundledSources } from '../build/bundle.ts'
import { bundledPackages } from '../build/licences.ts'
import { bundlePage } from '../build/page.ts'

/** The text of docs/licences.md: the licences of the npm packages in the bundle, and of what the recipes of the kit build. */
export async function licencesPage(root: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-licences-'))
  try {
    const sources = [...(await bundledSources(root, folder)), ...(await bundlePage(root, join(folder, 'web')))]
    const packages = await bundledPackages(root, sources)
    const rows = packages.map(({ manifest, licence }) => `| ${manifest.name} | ${licence} |`)
    const recipes = catalogue('x64', false).map(({ name, licences }) => `| ${name} | ${licences.join(', ')} |`)
    return page([...new Set(rows)].sort(), recipes.sort())
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function page(packages: readonly string[], recipes: readonly string[]): string {
  return [
    '# Licences',
    '',
    '<!-- Written by scripts/docs.ts from the bundle and from src/kit/recipes; change nothing here. -->',
    '',
    'devk itself is under the Apache License 2.0. The identifiers are those of [SPDX](https://spdx.org/licenses/).',
    '',
    '## In the package',
    '',
    'The bundle in `dist/` contains code of these npm packages. The file `THIRD_PARTY_LICENSES.txt` beside it has their texts. The agent for nodes is a Go',
    'program with the standard library and `golang.org/x/sys` (BSD-3-Clause).',
    '',
    '| package | licence |',
    '|---|---|',
    ...packages,
    '',
    '## Built by the kit',
    '',
    '[The kit](kit.md) builds these on your machine, from sources and packages of their authors; the package contains none of them. It builds nothing under AGPL,',
    'SSPL or BUSL. An image also contains what the recipes that it is built from add: most start from a Debian release or from `static`. In an image with Debian',
    'packages, `/usr/share/doc/NAME/copyright` has the licence of each.',
    '',
    '| recipe | licences of what it adds |',
    '|---|---|',
    ...recipes,
    '',
  ].join('\n')
}
