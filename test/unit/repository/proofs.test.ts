import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const sources = globSync('test/**/*.ts', { exclude: ['test/unit/repository/**'] }).map((file) =>
  readFileSync(file, 'utf8').replaceAll("\\'", "'"),
)

/** Titles of tests that the last column of a table quotes. An ellipsis stands for the rest of a title. */
function quotedTitles(text: string): string[] {
  const cells = text.split('\n').flatMap((line) => (line.startsWith('| ') ? [line.split(' | ').at(-1) ?? ''] : []))
  return cells.flatMap((cell) => [...cell.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title))
}

const missing = (titles: readonly string[]) =>
  titles.filter((title) => title.split('…').some((part) => !sources.some((source) => source.includes(part.trim()))))

test.each(globSync('examples/*/README.md'))('the tests that %s names as proof exist', (file) => {
  expect(missing(quotedTitles(readFileSync(file, 'utf8')))).toEqual([])
})

test('a title that no test has is found, and a shortened one is not', () => {
  const table = '| decides | runs | proves |\n| a | b | "no test has this title"; "down removes everything …" |'
  expect(missing(quotedTitles(table))).toEqual(['no test has this title'])
})
