import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { digestKey } from '../../../src/state/digest-key.ts'
import { folder } from './support.ts'

test('the key is random, made once also by several at a time, and only the user can read it', async () => {
  const [one, other] = [folder(), folder()]
  const file = join(one, 'state/key')
  const all = await Promise.all(Array.from({ length: 10 }, () => digestKey(file)))
  expect(new Set(all).size).toBe(1)
  expect(all[0]).toMatch(/^[0-9a-f]{64}$/)
  expect(await digestKey(join(other, 'key'))).not.toBe(all[0])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(one, 'state'))).toEqual(['key'])
})
