/** The rules of architecture.test.ts for the page of devk ui, in web/. */
import { expect, test } from 'vitest'
import { circles, type Files, filesBelow, importsOf, packageOf } from './source-files.ts'

/** The one file that imports an outside library. */
const pageImporters: Readonly<Record<string, string>> = {
  '@dagrejs/dagre': 'layout.ts',
  '@tanstack/virtual-core': 'virtual.ts',
  '@xterm/addon-fit': 'terminal.ts',
  '@xterm/xterm': 'terminal.ts',
  anser: 'ansi.ts',
  uplot: 'chart.tsx',
}
/** What the page and the program share: types only, since the page runs in a browser. */
const pageApi = '../src/commands/ui/api.ts'

/** Imports of the page that are none of its business, each as a sentence. */
function pageBreaches(files: Files): string[] {
  return [...files].flatMap(([file, text]) =>
    importsOf(file, text).flatMap((target) => {
      const owner = pageImporters[packageOf(target)]
      if (owner !== undefined && owner !== file) return [`${file} imports ${target}, which belongs to ${owner}`]
      const isShared = target === pageApi && !/^import (?!type )[^'"]*'[^']*commands\/ui\/api/m.test(text)
      return target.startsWith('../') && !isShared ? [`${file} imports ${target}, which is not of the page`] : []
    }),
  )
}
const page = () => filesBelow('web', /\.tsx?$/)

test('the page imports types of the API alone, and each outside library has one importer', () => {
  expect(page().size).toBeGreaterThan(5)
  expect(pageBreaches(page())).toEqual([])
  expect(circles(page())).toEqual([])
})

test.each([
  ['a room of the program', "import { count } from '../src/lib/text.ts'"],
  ['more than types of the API', "import { state } from '../src/commands/ui/api.ts'"],
  ["another file's library", "import Anser from 'anser'"],
])('a planted import of the page is refused: %s', (_name, text) => {
  expect(pageBreaches(new Map([['planted.tsx', text]]))).toHaveLength(1)
})

test('nothing in the page turns text into elements: names and lines of containers are data', () => {
  const unsafe = [...page()].filter(([, text]) => /innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(text))
  expect(unsafe.map(([file]) => file)).toEqual([])
})

/** Classes that two style sheets give a look of their own: both apply to each page, so that one changes the other's. */
function sharedClasses(files: Files): string[] {
  const owners = [...files].flatMap(([file, text]) =>
    [...text.matchAll(/^\.([\w-]+) \{$/gm)].map(([, name = '']) => ({ name, file })),
  )
  const sheets = Map.groupBy(owners, ({ name }) => name)
  return [...sheets].flatMap(([name, all]) => {
    const of = [...new Set(all.map(({ file }) => file))]
    return of.length > 1 ? [`.${name}: ${of.join(', ')}`] : []
  })
}

test('each class has its look from one style sheet', () => {
  const sheets = filesBelow('web', /\.css$/)
  expect(sheets.size).toBeGreaterThan(3)
  expect(sharedClasses(sheets)).toEqual([])
  const planted = new Map([...sheets, ['planted.css', '.waterfall {\n  height: 4px;\n}\n']])
  expect(sharedClasses(planted)).toEqual(['.waterfall: saves.css, planted.css'])
})
