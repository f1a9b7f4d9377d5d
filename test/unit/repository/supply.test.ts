/** What devk is made of comes by its integrity, and runs nothing while it is installed. */
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

interface Locked {
  readonly integrity?: string
  readonly link?: boolean
  readonly resolved?: string
}

const lockfiles = globSync('{package-lock.json,tools/**/package-lock.json}', { exclude: ['**/node_modules/**'] })

test.each(lockfiles)('each package in %s has its SHA-512, and none comes from elsewhere than a registry', (file) => {
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Locked> }
  const installed = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link)
  expect(installed.length).toBeGreaterThan(50)
  expect(installed.flatMap(([path, { integrity = '' }]) => (integrity.startsWith('sha512-') ? [] : [path]))).toEqual([])
  expect(installed.flatMap(([, { resolved = '' }]) => (/^(git|file|http:)/.test(resolved) ? [resolved] : []))).toEqual(
    [],
  )
})

test('npm runs no script of a package', () => {
  expect(readFileSync('.npmrc', 'utf8').split('\n')).toContain('ignore-scripts=true')
})

test('nothing is published before npm audit and osv-scanner have looked at it', () => {
  const { jobs } = parse(readFileSync('.github/workflows/release.yml', 'utf8')) as {
    jobs: Record<'audit' | 'publish', { needs?: string; steps: { run?: string }[] }>
  }
  const commands = jobs.audit.steps.flatMap(({ run }) => run ?? [])
  expect([commands.includes('npm audit'), commands.some((run) => /osv-scanner@v\d/.test(run))]).toEqual([true, true])
  expect(jobs.publish.needs).toBe('audit')
  expect(jobs.publish.steps.some(({ run }) => run?.includes('npm publish --provenance'))).toBe(true)
})
