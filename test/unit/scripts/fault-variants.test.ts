import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { variants } from '../../faults/variants.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

test.each(variants)('a variant of devk can be made: $mistake', ({ file, from, to, row }) => {
  expect(existsSync(`${root}test/faults/${row}.test.ts`)).toBe(true)
  expect(readFileSync(`${root}src/${file}`, 'utf8').split(from)).toHaveLength(2)
  expect(to).not.toBe(from)
})
