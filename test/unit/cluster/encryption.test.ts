import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { encryptionFolder, writeEncryption } from '../../../src/cluster/encryption.ts'

test('each cluster has a key of 32 bytes, which only the user can read', async () => {
  const root = mkdtempSync(join(tmpdir(), 'devk-encryption-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const keys: string[] = []
  for (const name of ['a', 'b']) {
    const folder = encryptionFolder(join(root, name, 'kubeconfig'))
    await writeEncryption(folder)
    const file = join(folder, 'encryption.yaml')
    expect([statSync(folder).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600])
    const [{ resources, providers }] = JSON.parse(readFileSync(file, 'utf8')).resources
    expect([resources, Object.keys(providers[0])]).toEqual([['secrets'], ['secretbox']])
    keys.push(providers[0].secretbox.keys[0].secret)
  }
  expect(keys.map((key) => Buffer.from(key, 'base64').length)).toEqual([32, 32])
  expect(keys[0]).not.toBe(keys[1])
})
