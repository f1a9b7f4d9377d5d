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
  const { code: name, message, exitCode } = await failure(requireOwnCode(code, 0))
  expect([name, exitCode]).toEqual(['CONFIG_UNTRUSTED', 2])
  expect(message).toMatch(/belongs to the user \d+, and root runs only what root owns/)
  await requireOwnCode(code, 1000)
})
