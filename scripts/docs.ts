// Writes the pages of docs/ that are generated from the source. With --check it writes nothing, and fails if a page is out of date.
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { configurationPage } from './pages/configuration.ts'
import { errorsPage } from './pages/errors.ts'
import { licencesPage } from './pages/licences.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = {
  'configuration.md': configurationPage(),
  'errors.md': errorsPage(),
  'licences.md': await licencesPage(root),
}

for (const [name, text] of Object.entries(pages)) {
  const file = fileURLToPath(new URL(`../docs/${name}`, import.meta.url))
  if (!process.argv.includes('--check')) await writeFile(file, text)
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    console.error(`docs/${name} is out of date. Run: node scripts/docs.ts`)
    process.exitCode = 1
  }
}
