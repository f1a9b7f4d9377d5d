import { expect, test } from 'vitest'
import { inRange } from '../../../src/lib/version.ts'

test.each([
  ['v1.34.4', '>=1.31', true],
  ['v1.30.9', '>=1.31', false],
  ['v1.40.0', '>=1.31 <1.40', false],
  ['v1.39.2', '>=1.31 <1.40', true],
  ['v0.9.0', '>=0.30.0', false],
  ['0.31', '>=0.30.1', true],
])('version %s is in the range %s: %s', (version, range, expected) => {
  expect(inRange(version, range)).toBe(expected)
})

test.each([
  ['a prerelease is older than its release', '0.30.0-alpha', '>=0.30.0', false],
  ['a prerelease belongs to its minor version', '1.35.0-rc.1', '>=1.35 <1.36', true],
  ['a prerelease is newer than the release before', '0.31.0-alpha+1f3c', '>=0.30.0', true],
  ['a prerelease of the first version beyond a range is beyond it', 'v1.40.0-alpha.1', '>=1.31 <1.40', false],
  ['the suffix of a cloud is no older version', 'v1.31.5-gke.1234000', '>=1.31', true],
  ['nor is that of a distribution', '23.0.0-0ubuntu1~22.04.1', '>=23', true],
  ['what a program prints', 'github.com/docker/buildx v0.12.1 30feaa1', '>=0.13', false],
  ['a text without a version', 'go version devel', '>=1.24', false],
  ['no text', '', '>=0', false],
])('%s: %s in %s is %s', (_name, text, range, expected) => {
  expect(inRange(text, range)).toBe(expected)
})
