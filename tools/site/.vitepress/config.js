import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig } from 'vitepress'
import { linksToSource, plainCode } from './markdown.js'
import { sections } from './sections.ts'

const root = resolve(import.meta.dirname, '../../..')

/** The entry of a page in the list at the side: its first heading, and its address. */
function page(name) {
  const [heading] = readFileSync(resolve(root, `${name}.md`), 'utf8').split('\n', 1)
  return { text: heading.replace(/^# /, ''), link: `/${name}` }
}

const names = (folder) => readdirSync(resolve(root, folder)).filter((file) => file.endsWith('.md'))
const pages = Object.entries(sections).map(([text, names]) => ({
  text,
  items: names.map((name) => page(`docs/${name}`)),
}))
const decisions = names('docs/decisions').map((file) => page(`docs/decisions/${file.slice(0, -3)}`))

// A page is compiled to a module that imports Vue. It has to lie beside Vue, so the build reads a copy.
const pagesFolder = resolve(import.meta.dirname, '../pages')
rmSync(pagesFolder, { recursive: true, force: true })
for (const path of ['README.md', 'docs']) cpSync(resolve(root, path), resolve(pagesFolder, path), { recursive: true })

export default defineConfig({
  title: 'devk',
  description: 'Runs your production Kubernetes topology on your laptop and keeps it in step with your source tree.',
  srcDir: pagesFolder,
  rewrites: { 'README.md': 'index.md' },
  outDir: resolve(import.meta.dirname, '../dist'),
  // A project page of a forge lies below a path, such as /devk/.
  base: process.env.SITE_BASE ?? '/',
  cleanUrls: true,
  ignoreDeadLinks: 'localhostLinks',
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [...pages, { text: 'Decisions', collapsed: true, items: decisions }],
  },
  markdown: { config: (markdown) => markdown.use(plainCode).use(linksToSource, process.env.SITE_SOURCE) },
})
