import { chown } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codeOf } from '../../../src/config/code.ts'
import { requireOwnCode } from '../../../src/project/consent.ts'
import { failure, folder } from '../config/support.ts'

test('root runs no code that another user owns, nor code that imports some', async () => {
  const root = folder({ 'a.mjs': "import './b.mjs'\n", 'b.mjs': '' })
  if (process.getuid?.() === 0) await chown(join(root, 'b.mjs'), 65534, 65534)
  const code = await codeOf(join(root, 'a.mjs'))
  const devk = { packageRoot: '/' }
  const { code: name, message, exitCode } = await failure(requireOwnCode(devk, code, 0))
  expect([name, exitCode]).toEqual(['CONFIG_UNTRUSTED', 2])
  expect(message).toMatch(/belongs to the user \d+, and root runs only what root owns/)
  await requireOwnCode(devk, code, 1000)
})

test('root runs what belongs to the owner of devk itself', async () => {
  const root = folder({ 'a.mjs': '' })
  if (process.getuid?.() === 0) for (const path of [root, join(root, 'a.mjs')]) await chown(path, 65534, 65534)
  const code = await codeOf(join(root, 'a.mjs'))
  await requireOwnCode({ packageRoot: root }, code, 0)
})
