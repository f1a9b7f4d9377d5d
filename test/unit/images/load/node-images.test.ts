import { expect, test } from 'vitest'
import { requireSuccess } from '../../../../src/images/load/node-images.ts'

const argv = ['ctr', '--namespace', 'k8s.io', 'images', 'import', '--local', '-']

test('a command that succeeds on a node throws nothing, whatever it writes', () => {
  expect(() => requireSuccess('node-1', argv, { exitCode: 0, stderr: 'no space left on device' })).not.toThrow()
})

test('a command that fails on a node shows its last lines', () => {
  const stderr = 'one\ntwo\nthree\nfour\nfive\nctr: unexpected media type\n'
  expect(() => requireSuccess('node-1', argv, { exitCode: 1, stderr })).toThrow(
    expect.objectContaining({
      code: 'LOAD_FAILED',
      message: 'ctr --namespace k8s.io images import failed on node node-1',
      details: ['two', 'three', 'four', 'five', 'ctr: unexpected media type'],
    }),
  )
})

test.each(['no space left on device', 'Disk quota exceeded'])('%s on a node is a full disk, with its node', (words) => {
  const stderr = `ctr: failed to extract layer sha256:ddc0: write /snapshots/33/fs/usr/share/changelog.gz: ${words}\n`
  expect(() => requireSuccess('shop-worker2', argv, { exitCode: 1, stderr })).toThrow(
    expect.objectContaining({
      code: 'DISK_FULL',
      message: expect.stringContaining('shop-worker2: its disk is full'),
      hint: expect.stringContaining('docker exec shop-worker2 df -h'),
    }),
  )
})
